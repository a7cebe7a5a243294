import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_LOOK, type Look, NORMALISATIONS, SPREADS } from "../../../model/look.ts";
import { isValid } from "../../../model/viewport.ts";
import { formatView, parseView, type View, type Vocabulary } from "./view-url.ts";

const VOCABULARY: Vocabulary = {
  points: { x: "string", y: "string", reduction: "string", value: "string", category: "string" },
  histogram: { x: "string", bins: "number", log: "boolean" },
};
const MAPS = ["viridis", "magma"];

const names = fc.string({ minLength: 1 });
// A minus zero is written as zero.
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const looks: fc.Arbitrary<Look> = fc
  .record({
    map: fc.constantFrom(...MAPS),
    reverse: fc.boolean(),
    normalisation: fc.constantFrom(...NORMALISATIONS),
    background: fc.constantFrom("dark" as const, "light" as const),
    spread: fc.constantFrom(...SPREADS),
    range: fc.constantFrom("view" as const, "data" as const, "locked" as const),
    lo: finite,
    hi: finite,
    hidden: fc.uniqueArray(fc.integer({ min: 0, max: 15 })).map((places) => places.toSorted((a, b) => a - b)),
    pick: fc.option(fc.integer({ min: 0, max: 15 })),
  })
  .filter(({ range, lo, hi }) => range !== "locked" || lo < hi)
  .map((look) => (look.range === "locked" ? look : { ...look, lo: DEFAULT_LOOK.lo, hi: DEFAULT_LOOK.hi }));
const viewports = fc.record({ x0: finite, x1: finite, y0: finite, y1: finite }).filter(isValid);
const views: fc.Arbitrary<View> = fc.oneof(
  fc.record({
    kind: fc.constant("points"),
    options: fc.record({ x: names, y: names, value: names }, { requiredKeys: [] }),
    viewport: fc.option(viewports),
    look: looks,
  }),
  fc.record({
    kind: fc.constant("histogram"),
    options: fc.record({ x: names, bins: finite, log: fc.boolean() }, { requiredKeys: [] }),
    viewport: fc.option(viewports),
    look: looks,
  }),
);

const parse = (search: string) => parseView(new URLSearchParams(search), VOCABULARY, MAPS);

describe("the URL", () => {
  it("gives back every view that it was written from", () => {
    fc.assert(
      fc.property(views, (view) => {
        const parsed = parse(formatView(view).toString());
        expect(parsed.ignored).toEqual([]);
        expect(parsed.view.kind).toBe(view.kind);
        expect(parsed.view.options).toEqual({ ...view.options });
        expect(parsed.view.look).toEqual(view.look);
        const keys = ["x0", "x1", "y0", "y1"] as const;
        for (const key of keys) expect(parsed.view.viewport?.[key]).toBe(view.viewport?.[key]);
      }),
    );
  });

  it("stays short for a plain view", () => {
    const view = { kind: "points", options: {}, viewport: null, look: DEFAULT_LOOK };
    expect(formatView(view).toString()).toBe("v=1&kind=points");
  });

  it("keeps what it can read and lists the rest", () => {
    const { view, ignored } = parse(
      "kind=points&x=date&bx=5,1&by=0,1&norm=cubic&map=magma&foo=1&range=9,2&v=7",
    );
    expect(ignored.toSorted()).toEqual(["bx", "by", "foo", "norm", "range", "v"]);
    expect(view.options).toEqual({ x: "date" });
    expect(view.viewport).toBeNull();
    expect(view.look).toEqual({ ...DEFAULT_LOOK, map: "magma" });
  });

  it.each(["bx=1", "bx=1,", "bx=1,2,3", "bx=a,b", "bx=NaN,1", "bx=0,Infinity"])("ignores %s", (bad) => {
    expect(parse(`${bad}&by=0,1`).ignored).toContain("bx");
  });

  it("never throws, whatever stands in the address bar", () => {
    fc.assert(
      fc.property(fc.string(), (search) => {
        expect(parse(search).view.look).toBeDefined();
      }),
    );
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("v", "kind", "x", "bx", "by", "range", "marks"), fc.string()),
        (keys) => {
          const { view } = parse(new URLSearchParams(keys).toString());
          expect(view.viewport === null || isValid(view.viewport)).toBe(true);
        },
      ),
    );
  });

  it("turns an unknown kind into the usual one and says so", () => {
    const { view, ignored } = parse("kind=galaxy");
    expect([view.kind, ignored]).toEqual(["points", ["kind"]]);
  });

  it("leaves out places in the legend that do not exist", () => {
    expect(parse("hide=3,1,3").view.look.hidden).toEqual([1, 3]);
    for (const text of ["hide=16", "hide=-1", "hide=1,", "hide=1.5", "hide="]) {
      expect(parse(text)).toMatchObject({ ignored: ["hide"], view: { look: { hidden: [] } } });
    }
  });
});
