/** The few WebGL2 calls that every program and texture needs. */
import type { Cells } from "../model/piece.ts";
import type { Empty } from "../model/quantity.ts";
import { scaled } from "../model/scale.ts";
import { NOTHING } from "./shaders.ts";

/** Less than what stands for an empty cell, and with room for factors. */
const LARGEST = 2 ** 126;

export type Gl = WebGL2RenderingContext;

export class Program {
  readonly program: WebGLProgram;
  private readonly gl: Gl;
  private readonly locations = new Map<string, WebGLUniformLocation | null>();

  /** Throws with the compiler's message. */
  constructor(gl: Gl, vertex: string, fragment: string) {
    this.gl = gl;
    this.program = gl.createProgram();
    for (const [type, source] of [
      [gl.VERTEX_SHADER, vertex],
      [gl.FRAGMENT_SHADER, fragment],
    ] as const) {
      const shader = gl.createShader(type);
      if (!shader) throw new Error("no shader");
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(this.program, shader);
      gl.deleteShader(shader);
    }
    gl.linkProgram(this.program);
    if (!gl.getProgramParameter(this.program, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(`shader: ${gl.getProgramInfoLog(this.program) ?? ""}`);
    }
  }

  at(name: string): WebGLUniformLocation | null {
    let location = this.locations.get(name);
    if (location === undefined) {
      location = this.gl.getUniformLocation(this.program, name);
      this.locations.set(name, location);
    }
    return location;
  }
}

/** A texture that is read cell by cell. */
export function cellTexture(gl: Gl): WebGLTexture {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  for (const [name, value] of [
    [gl.TEXTURE_MIN_FILTER, gl.NEAREST],
    [gl.TEXTURE_MAG_FILTER, gl.NEAREST],
    [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE],
    [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
  ] as const) {
    gl.texParameteri(gl.TEXTURE_2D, name, value);
  }
  return texture;
}

const LOOK_MS = 4;

/** Calls back when all that was drawn is there, without keeping the page waiting; with false where the context is lost. */
export function whenDone(gl: Gl, done: (isDone: boolean) => void): void {
  const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
  gl.flush();
  const look = () => {
    const isLost = !fence || gl.isContextLost();
    if (!isLost && gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED) {
      setTimeout(look, LOOK_MS);
      return;
    }
    gl.deleteSync(fence);
    done(!isLost);
  };
  setTimeout(look, LOOK_MS);
}

export type Texels =
  Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** Counts keep their own integer type; everything else is float32. */
export function uploadTexels(gl: Gl, texels: Texels, width: number, height: number): void {
  const [internal, format, type] = formatOf(gl, texels);
  gl.texImage2D(gl.TEXTURE_2D, 0, internal, width, height, 0, format, type, texels);
}

function formatOf(gl: Gl, texels: Texels): readonly [number, number, number] {
  if (texels instanceof Float32Array) return [gl.R32F, gl.RED, gl.FLOAT];
  if (texels instanceof Uint8Array) return [gl.R8UI, gl.RED_INTEGER, gl.UNSIGNED_BYTE];
  if (texels instanceof Uint16Array) return [gl.R16UI, gl.RED_INTEGER, gl.UNSIGNED_SHORT];
  return [gl.R32UI, gl.RED_INTEGER, gl.UNSIGNED_INT];
}

/**
 * Cells as a texture holds them. `base` keeps large values with small differences apart in float32; a power of 2 brings those
 * that float32 does not reach into its range. An infinite cell becomes as large as a texel can be.
 */
export function texelsOf(
  cells: Cells,
  empty: Empty,
  { base, exponent }: { base: number; exponent: number },
): Texels {
  const native = cells instanceof Uint8Array || cells instanceof Uint16Array || cells instanceof Uint32Array;
  if (empty === "zero" && native) return cells;
  const from = scaled(base, exponent);
  const out = new Float32Array(cells.length);
  for (let i = 0; i < out.length; i += 1) {
    const value = cells[i] as number;
    const nothing = empty === "zero" ? value === 0 : Number.isNaN(value);
    out[i] = nothing ? NOTHING : Math.min(LARGEST, Math.max(-LARGEST, scaled(value, exponent) - from));
  }
  return out;
}
