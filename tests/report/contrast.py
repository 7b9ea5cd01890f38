"""How far every visible text on a page stands out from what is behind it.

By the formula of https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio; 4.5 is enough for any size.
"""

CONTRAST = """
const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const parts = (color) => (color.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
const solid = (color) => color !== "none" && (parts(color).length < 4 || parts(color)[3] === 1);
const drawn = (text) => {
  const box = text.parentElement.querySelector("rect");
  return box ? getComputedStyle(box).fill : null;
};
const behind = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const color = getComputedStyle(at).backgroundColor;
    if (solid(color)) return color;
  }
  return "rgb(255, 255, 255)";
};
const found = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const text = walker.currentNode.data.trim(), element = walker.currentNode.parentElement;
  const hidden = ["SCRIPT", "STYLE", "OPTION", "title"].includes(element.tagName);
  if (!text || hidden || !element.checkVisibility()) continue;
  const inside = element.tagName === "text";
  const ink = getComputedStyle(element)[inside ? "fill" : "color"];
  const ground = (inside && drawn(element)) || behind(element);
  const [a, b] = [light(parts(ink)), light(parts(ground))].sort((x, y) => y - x);
  found.push([text.slice(0, 60), (a + 0.05) / (b + 0.05)]);
}
return found;
"""
