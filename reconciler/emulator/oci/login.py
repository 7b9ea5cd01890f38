"""The registry's admin user and the tokens that it is given."""

from __future__ import annotations

import base64
import binascii
import secrets
from datetime import timedelta
from urllib.parse import parse_qs

from reconciler.emulator import token
from reconciler.emulator.answer import Answer, json_answer
from reconciler.emulator.context import Context
from reconciler.emulator.endpoint import Call
from reconciler.emulator.errors import ServiceError

PASSWORDS = ("password", "password2")
_TOKEN_LIFE = timedelta(minutes=75)
_UNAUTHORIZED = (
    "authentication required, visit https://aka.ms/acr/authorization for more information."
)


def passwords(context: Context) -> dict[str, str]:
    """The admin user's two passwords, made the first time that somebody asks."""
    with context.store.transaction() as db:
        for name in PASSWORDS:
            row = (name, secrets.token_urlsafe(36))
            db.execute("INSERT OR IGNORE INTO registry_password VALUES (?, ?)", row)
        rows = db.execute("SELECT * FROM registry_password ORDER BY name")
        return {row["name"]: row["value"] for row in rows}


def rotate(context: Context, name: str) -> str:
    """Replace one password; tokens that were issued before stay good until they expire."""
    if name not in PASSWORDS:
        raise ServiceError(400, "BadPassword", f"name one of {', '.join(PASSWORDS)}")
    value = secrets.token_urlsafe(36)
    with context.store.transaction() as db:
        db.execute("INSERT OR REPLACE INTO registry_password VALUES (?, ?)", (name, value))
    return value


def authorize(call: Call) -> None:
    """A bearer token from `/oauth2/token`, or the admin user's password directly."""
    scheme, _, credential = call.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        if not _is_admin(call.context, credential):
            raise _refused(f"Basic realm={_quoted(_service(call.context))}")
        return
    if scheme.lower() == "bearer" and _is_ours(call.context, credential):
        return
    realm = _quoted(f"{call.context.base_url}/oauth2/token")
    service = _quoted(_service(call.context))
    raise _refused(f"Bearer realm={realm},service={service}{_scope(call)}")


def give_token(call: Call) -> Answer:
    """`GET` with the admin user's Basic credentials, or `POST` with the password grant."""
    context = call.context
    _, _, credential = call.headers.get("Authorization", "").partition(" ")
    if not (_is_admin(context, credential) or _is_password_grant(call)):
        raise _refused(f"Basic realm={_quoted(_service(context))}")
    expires = context.client_clock.now() + _TOKEN_LIFE
    return json_answer({"access_token": token.issue(context.identity, expires, aud="registry")})


def _is_ours(context: Context, credential: str) -> bool:
    said = token.claims(context.identity, credential, context.client_clock.now())
    return said is not None and said.get("aud") == "registry"


def _is_admin(context: Context, credential: str) -> bool:
    try:
        user, _, password = base64.b64decode(credential, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return _matches(context, user, password)


def _is_password_grant(call: Call) -> bool:
    form = parse_qs(call.body.decode("latin-1"))
    user, password = (form.get(name, [""])[0] for name in ("username", "password"))
    return _matches(call.context, user, password)


def _matches(context: Context, user: str, password: str) -> bool:
    if not context.settings.registry_admin_enabled or user != context.identity.registry_name:
        return False
    return any(secrets.compare_digest(password, good) for good in passwords(context).values())


def _service(context: Context) -> str:
    return context.identity.registry_login_server


def _quoted(text: str) -> str:
    return f'"{text}"'


def _scope(call: Call) -> str:
    repository = call.parameters.get("repository")
    return f",scope={_quoted(f'repository:{repository}:pull')}" if repository else ""


def _refused(challenge: str) -> ServiceError:
    return ServiceError(401, "UNAUTHORIZED", _UNAUTHORIZED, headers={"WWW-Authenticate": challenge})
