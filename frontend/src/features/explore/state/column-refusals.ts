/** Why a column cannot be chosen for an option, in the words that stand beside its name. */
import { type Column, EXACT_DISTINCT } from "../../../model/column.ts";

/** What an option takes, as its schema says it. */
export interface ColumnHint {
  /** Types of columns, or `any`. */
  readonly types: readonly string[];
  /** Whole numbers that are listed as categories are taken too. */
  readonly labelled: boolean;
  /** The option is an axis now. */
  readonly isAxis: boolean;
}

/** From here on whole numbers are not the same as float64, so that no axis can place them. */
const INEXACT = 2 ** 53;

/** Empty: the column can be chosen. */
export function refusalOf(column: Column, hint: ColumnHint): string {
  const { types, labelled, isAxis } = hint;
  if (column.type === "text") return "text is not drawn";
  if (types.includes("any")) return "";
  if (!types.includes(column.type)) return labelled ? labelRefusal(column) : typeWords(column.type);
  if (column.type === "category") return "";
  if (isEmpty(column)) return "no value";
  return isAxis && !isExact(column) ? "whole numbers above 2⁵³" : "";
}

function typeWords(type: Column["type"]): string {
  return type === "category" ? "a category" : `a ${type}`;
}

/** A number where a category is wanted. */
function labelRefusal({ type, dtype, distinct, categories }: Column): string {
  if (type !== "number") return typeWords(type);
  if (categories.length > 0) return "";
  if (!isWhole(dtype)) return "numbers with fractions";
  const count = new Intl.NumberFormat("en").format(distinct);
  return distinct < EXACT_DISTINCT ? `${count} different values` : "too many different values";
}

function isWhole(dtype: string): boolean {
  return /^u?int/.test(dtype);
}

/** Without a finite value; a server that knows no range says nothing of it. */
function isEmpty({ min, max, nulls, infinite, unreadable, outOfRange }: Column): boolean {
  return min === null && max === null && nulls + infinite + unreadable + outOfRange > 0;
}

function isExact({ type, dtype, min, max }: Column): boolean {
  if (type !== "time" && !isWhole(dtype)) return true;
  return [min, max].every((bound) => bound === null || Math.abs(bound) < INEXACT);
}
