/** GLSL of the grid renderer: from cells to colours in one pass, because software renderers pay for each pixel of each pass. */

/** A float cell at or below this holds nothing: NaN in textures is not kept by every driver. */
export const NOTHING = -3e38;

export const QUAD = `#version 300 es
uniform vec4 u_clip;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  gl_Position = vec4(mix(u_clip.xy, u_clip.zw, corner), 0.0, 1.0);
}`;

/** Where nothing is known. */
export const HATCH = `#version 300 es
precision highp float;
uniform vec3 u_background;
uniform vec3 u_hatch;
uniform float u_hatchPixels;
out vec4 o_colour;
void main() {
  float stripe = mod(gl_FragCoord.x + gl_FragCoord.y, u_hatchPixels);
  o_colour = vec4(stripe < u_hatchPixels * 0.15 ? u_hatch : u_background, 1.0);
}`;

export type ScaleKind = "linear" | "log" | "table";

export interface CellVariant {
  /** The cells are counts, and 0 is an empty cell. */
  readonly integers: boolean;
  /** Colours come with the cells (by category) in place of the map. */
  readonly mixed: boolean;
  /** Two scales are blended. */
  readonly blending: boolean;
  /** Whether each scale is linear, logarithmic or a table. */
  readonly from: ScaleKind;
  readonly to: ScaleKind;
}

/** The colour of the nearest cell under each pixel. A program for each variant: branches and texels cost too. */
export function cellShader({ integers, mixed, blending, from, to }: CellVariant): string {
  const read = integers
    ? `uint rows = texelFetch(u_cells, cell, 0).r;
  bool empty = rows == 0u;
  float value = float(rows) * u_factor;`
    : `float held = texelFetch(u_cells, cell, 0).r;
  bool empty = held <= ${NOTHING.toExponential()};
  float value = held * u_factor;`;
  return `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
uniform highp ${integers ? "usampler2D" : "sampler2D"} u_cells;
${SCALES}
void main() {
  vec2 place = u_cell + (gl_FragCoord.xy - u_pixel) * u_step;
  ivec2 cell = clamp(ivec2(floor(place)), ivec2(0), u_size - 1);
  ${read}
  if (empty) {
    o_colour = vec4(u_background, 1.0);
    return;
  }
  float at = ${placing(to, "u_to")};
  ${blending ? `at = mix(${placing(from, "u_from")}, at, u_blend);` : ""}
  ${mixed ? MIX_COLOUR : MAP_COLOUR}
}`;
}

function placing(kind: ScaleKind, scale: string): string {
  const table = kind === "table" ? `, ${scale}Table` : "";
  return `${kind}Place(${scale}${table}, value * ${scale}.factor)`;
}

const MIX_COLOUR =
  "o_colour = vec4(mix(u_background, texelFetch(u_mix, cell, 0).rgb, mix(0.6, 1.0, at)), 1.0);";
const MAP_COLOUR = "o_colour = vec4(texelFetch(u_lut, ivec2(int(at * 255.0 + 0.5), 0), 0).rgb, 1.0);";

const SCALES = `struct Scale {
  float log;
  float lo;
  float hi;
  float factor;
  float first;
  float step;
  int last;
  float low;
};
uniform ivec2 u_size;
uniform vec2 u_pixel;
uniform vec2 u_cell;
uniform vec2 u_step;
uniform float u_factor;
uniform sampler2D u_mix;
uniform sampler2D u_lut;
uniform sampler2D u_fromTable;
uniform sampler2D u_toTable;
uniform Scale u_from;
uniform Scale u_to;
uniform float u_blend;
uniform vec3 u_background;
out vec4 o_colour;

float shareAt(highp sampler2D table, int i) {
  return texelFetch(table, ivec2(i & 255, i >> 8), 0).r;
}

float tablePlace(Scale scale, highp sampler2D table, float value) {
  if (scale.low >= 1.0) return 1.0;
  float at = clamp((value - scale.first) / scale.step, 0.0, float(scale.last));
  int below = int(floor(at));
  float share = mix(shareAt(table, below), shareAt(table, min(below + 1, scale.last)), at - float(below));
  return clamp((share - scale.low) / (1.0 - scale.low), 0.0, 1.0);
}

float linearPlace(Scale scale, float value) {
  if (scale.hi <= scale.lo) return value < scale.lo ? 0.0 : 1.0;
  return clamp(max(value - scale.lo, 0.0) / (scale.hi - scale.lo), 0.0, 1.0);
}

// As in model/scale.ts; exponent is that of scaled values in units of log 2.
float logOf(float part, float exponent) {
  if (exponent == 0.0) return log(1.0 + part);
  if (exponent > 0.0) return part;
  if (part == 0.0) return 0.0;
  float at = log(part) - exponent;
  return at > 15.0 ? at : log(1.0 + exp(at));
}

float logPlace(Scale scale, float value) {
  if (scale.hi <= scale.lo) return value < scale.lo ? 0.0 : 1.0;
  float part = logOf(max(value - scale.lo, 0.0), scale.log);
  return clamp(part / logOf(scale.hi - scale.lo, scale.log), 0.0, 1.0);
}
`;
