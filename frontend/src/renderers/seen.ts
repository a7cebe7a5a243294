/** Which part of each layer is seen, so that no pixel is drawn twice. */
import { type Extent, intersects } from "../model/viewport.ts";

/** For each layer, lowest first, the parts of it in `view` that no later one covers. They only share sides. */
export function seenParts(layers: readonly Extent[], view: Extent): Extent[][] {
  return layers.map((layer, index) => {
    let parts = intersects(layer, view) ? [common(layer, view)] : [];
    for (let above = index + 1; above < layers.length && parts.length > 0; above += 1) {
      const cover = layers[above] as Extent;
      if (intersects(cover, layer)) parts = parts.flatMap((part) => without(part, cover));
    }
    return parts;
  });
}

function common(a: Extent, b: Extent): Extent {
  return {
    x0: Math.max(a.x0, b.x0),
    x1: Math.min(a.x1, b.x1),
    y0: Math.max(a.y0, b.y0),
    y1: Math.min(a.y1, b.y1),
  };
}

/** Below and above the cover over the full width, left and right of it in between. */
function without(part: Extent, cover: Extent): Extent[] {
  if (!intersects(part, cover)) return [part];
  const { x0, x1, y0, y1 } = common(part, cover);
  const around = [
    { ...part, y1: y0 },
    { ...part, y0: y1 },
    { x0: part.x0, x1: x0, y0, y1 },
    { x0: x1, x1: part.x1, y0, y1 },
  ];
  return around.filter((rest) => rest.x0 < rest.x1 && rest.y0 < rest.y1);
}
