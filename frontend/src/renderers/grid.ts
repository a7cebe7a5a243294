/** Draws numeric pieces with WebGL2: nearest cells under any viewport, colours by scale and map. */
import { cellBits, type GridPiece, type Rgb } from "../model/piece.ts";
import { isOfCategories } from "../model/quantity.ts";
import { type Scale, scaled, type Table } from "../model/scale.ts";
import type { Extent } from "../model/viewport.ts";
import { LUT_STEPS } from "./colours.ts";
import { cellTexture, type Gl, Program, whenDone } from "./gl.ts";
import { clipOf, placement } from "./placement.ts";
import { seenParts } from "./seen.ts";
import { cellShader, type CellVariant, HATCH, QUAD, type ScaleKind } from "./shaders.ts";
import { PieceTextures, type TextureOptions } from "./textures.ts";

export interface GridScene extends TextureOptions {
  readonly viewport: Extent;
  /** Lowest first. */
  readonly layers: readonly GridPiece[];
  readonly from: Scale;
  readonly to: Scale;
  /** 0: colours by `from`; 1: by `to`. */
  readonly blend: number;
  readonly lut: Uint8Array<ArrayBuffer>;
  readonly background: Rgb;
  readonly hatch: Rgb;
  readonly hatchPixels: number;
}

const TABLE_SIDE = 256;

interface Resources {
  readonly lut: WebGLTexture;
  readonly fromTable: WebGLTexture;
  readonly toTable: WebGLTexture;
}

export class GridRenderer {
  private readonly gl: Gl;
  private readonly canvas: HTMLCanvasElement;
  private resources: Resources | null = null;
  private readonly textures: PieceTextures;
  private readonly sources = new Map<WebGLTexture, object>();
  private readonly programs = new Map<string, Program>();
  /** Read once: the call blocks until all drawing is done. */
  private driver: string | null = null;
  /** What the last frame was made of. */
  private frame: readonly unknown[] = [];
  private startedAt = 0;
  private isMeasuring = false;

  /** Null when the browser gives no WebGL2. */
  static create(canvas: HTMLCanvasElement): GridRenderer | null {
    const gl = canvas.getContext("webgl2", {
      antialias: false,
      alpha: false,
      powerPreference: "high-performance",
    });
    return gl ? new GridRenderer(canvas, gl) : null;
  }

  private constructor(canvas: HTMLCanvasElement, gl: Gl) {
    this.canvas = canvas;
    this.gl = gl;
    this.textures = new PieceTextures(gl);
  }

  /** After a lost context everything is uploaded again with the next draw. */
  forget(): void {
    this.resources = null;
    this.textures.forget();
    this.sources.clear();
    this.programs.clear();
    this.frame = [];
  }

  info(): { webgl2: true; renderer: string; textures: number } {
    return { webgl2: true, renderer: (this.driver ??= driverName(this.gl)), textures: this.textures.size };
  }

  /** False where nothing changed since the last time, and where there is no context. */
  draw(scene: GridScene): boolean {
    const { gl, canvas } = this;
    const frame = [canvas.width, canvas.height, ...partsOf(scene)];
    const isShown = frame.length === this.frame.length && frame.every((part, i) => part === this.frame[i]);
    if (isShown || gl.isContextLost()) return false;
    this.frame = frame;
    this.startedAt = performance.now();
    const resources = (this.resources ??= createResources(gl));
    this.textures.begin();
    gl.disable(gl.BLEND);
    gl.viewport(0, 0, canvas.width, canvas.height);
    this.refreshColours(scene, resources);
    const [unknown = [], ...seen] = seenParts(
      [scene.viewport, ...scene.layers.map(({ extent }) => extent)],
      scene.viewport,
    );
    this.hatch(scene, unknown);
    const ready = new Set<Program>();
    scene.layers.forEach((piece, index) => this.drawPiece(scene, piece, seen[index] ?? [], resources, ready));
    this.textures.prune();
    return true;
  }

  /** Says how long the frame takes that was just drawn, until its pixels are there; once for several at a time. */
  measure(took: (ms: number) => void): void {
    if (this.isMeasuring) return;
    this.isMeasuring = true;
    const { startedAt } = this;
    whenDone(this.gl, (isDone) => {
      this.isMeasuring = false;
      if (isDone) took(performance.now() - startedAt);
    });
  }

  private refreshColours(scene: GridScene, resources: Resources): void {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE5);
    this.refresh(resources.lut, scene.lut, () =>
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, LUT_STEPS, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, scene.lut),
    );
    this.refreshTable(resources.fromTable, scene.from.table);
    this.refreshTable(resources.toTable, scene.to.table);
  }

  private hatch(scene: GridScene, parts: readonly Extent[]): void {
    if (parts.length === 0) return;
    const { gl } = this;
    const program = this.program("hatch", () => HATCH);
    gl.useProgram(program.program);
    gl.uniform3fv(program.at("u_background"), unit(scene.background));
    gl.uniform3fv(program.at("u_hatch"), unit(scene.hatch));
    gl.uniform1f(program.at("u_hatchPixels"), scene.hatchPixels);
    this.fill(program, parts, scene.viewport);
  }

  /** `ready`: programs that know the scene. */
  private drawPiece(
    scene: GridScene,
    piece: GridPiece,
    parts: readonly Extent[],
    resources: Resources,
    ready: Set<Program>,
  ): void {
    const placed = placement(piece.extent, scene.viewport, this.canvas);
    if (!placed || parts.length === 0) return;
    const { gl } = this;
    const source = this.textures.upload(piece, scene);
    const variant = variantOf(scene, source.integers);
    const program = this.program(JSON.stringify(variant), () => cellShader(variant));
    gl.useProgram(program.program);
    if (!ready.has(program)) this.setScene(program, scene, resources);
    ready.add(program);
    bind(gl, program, "u_cells", 0, source.cells);
    if (variant.mixed) bind(gl, program, "u_mix", 1, source.mix ?? resources.lut);
    gl.uniform2i(program.at("u_size"), source.width, source.height);
    gl.uniform2f(program.at("u_pixel"), placed.pixel[0], placed.pixel[1]);
    gl.uniform2f(program.at("u_cell"), placed.at[0] * source.width, placed.at[1] * source.height);
    gl.uniform2f(program.at("u_step"), placed.step[0] * source.width, placed.step[1] * source.height);
    const { areaBits } = scene.to;
    gl.uniform1f(program.at("u_factor"), areaBits === null ? 1 : 2 ** (areaBits - cellBits(piece)));
    this.fill(program, parts, scene.viewport);
  }

  private setScene(program: Program, scene: GridScene, resources: Resources): void {
    const { gl } = this;
    bind(gl, program, "u_lut", 2, resources.lut);
    bind(gl, program, "u_fromTable", 3, resources.fromTable);
    bind(gl, program, "u_toTable", 4, resources.toTable);
    setScale(gl, program, "u_from", scene.from, scene);
    setScale(gl, program, "u_to", scene.to, scene);
    gl.uniform1f(program.at("u_blend"), scene.blend);
    gl.uniform3fv(program.at("u_background"), unit(scene.background));
  }

  private fill(program: Program, parts: readonly Extent[], view: Extent): void {
    const { gl } = this;
    for (const part of parts) {
      gl.uniform4fv(program.at("u_clip"), clipOf(part, view));
      gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    }
  }

  private program(key: string, source: () => string): Program {
    let program = this.programs.get(key);
    if (!program) this.programs.set(key, (program = new Program(this.gl, QUAD, source())));
    return program;
  }

  private refreshTable(texture: WebGLTexture, table: Table | null): void {
    const { gl } = this;
    this.refresh(texture, table ?? NO_TABLE, () => {
      const rows = Math.max(1, Math.ceil((table?.shares.length ?? 1) / TABLE_SIDE));
      const padded = new Float32Array(rows * TABLE_SIDE);
      if (table) padded.set(table.shares);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.R32F, TABLE_SIDE, rows, 0, gl.RED, gl.FLOAT, padded);
    });
  }

  private refresh(texture: WebGLTexture, source: object, upload: () => void): void {
    if (this.sources.get(texture) === source) return;
    this.sources.set(texture, source);
    this.gl.bindTexture(this.gl.TEXTURE_2D, texture);
    upload();
  }
}

/** Two scenes with the same parts look alike. */
function partsOf({ viewport, layers, ...others }: GridScene): unknown[] {
  const { x0, x1, y0, y1 } = viewport;
  return [x0, x1, y0, y1, ...Object.values(others), ...layers];
}

function variantOf({ quantity, blend, from, to }: GridScene, integers: boolean): CellVariant {
  const blending = blend < 1;
  const kind = kindOf(to);
  // Without blending the other scale has no part, and needs no program of its own.
  return {
    integers,
    mixed: isOfCategories(quantity),
    blending,
    from: blending ? kindOf(from) : kind,
    to: kind,
  };
}

function driverName(gl: Gl): string {
  const debug = gl.getExtension("WEBGL_debug_renderer_info");
  return String(gl.getParameter(debug ? debug.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}

const NO_TABLE = {};

function createResources(gl: Gl): Resources {
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  return {
    lut: cellTexture(gl),
    fromTable: cellTexture(gl),
    toTable: cellTexture(gl),
  };
}

function bind(gl: Gl, program: Program, name: string, unit: number, texture: WebGLTexture): void {
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.uniform1i(program.at(name), unit);
}

function kindOf({ table, normalisation }: Scale): ScaleKind {
  if (table) return "table";
  return normalisation === "log" ? "log" : "linear";
}

function setScale(gl: Gl, program: Program, name: string, scale: Scale, scene: GridScene): void {
  const { table, exponent } = scale;
  const base = scaled(scene.base, exponent);
  const areas =
    scene.to.areaBits === null || scale.areaBits === null ? 0 : scale.areaBits - scene.to.areaBits;
  gl.uniform1f(program.at(`${name}.log`), exponent * Math.LN2);
  gl.uniform1f(program.at(`${name}.lo`), scaled(scale.lo, exponent) - base);
  gl.uniform1f(program.at(`${name}.hi`), scaled(scale.hi, exponent) - base);
  gl.uniform1f(program.at(`${name}.factor`), 2 ** between(areas + exponent - scene.exponent));
  gl.uniform1f(program.at(`${name}.first`), (table?.first ?? 0) - base);
  gl.uniform1f(program.at(`${name}.step`), table?.step ?? 1);
  gl.uniform1i(program.at(`${name}.last`), (table?.shares.length ?? 1) - 1);
  gl.uniform1f(program.at(`${name}.low`), table?.low ?? 0);
}

/** Exponents of float32. */
function between(exponent: number): number {
  return Math.min(127, Math.max(-126, exponent));
}

function unit([r, g, b]: Rgb): [number, number, number] {
  return [r / 255, g / 255, b / 255];
}
