"""An Azure ML workspace, through a worker process that holds its SDK.

The SDK takes two seconds to import, wants its own working directory, prints, caches on disk and
waits minutes inside a call. So it lives in a process of its own, behind lines of JSON.
"""
