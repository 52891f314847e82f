import { ancestors } from "../facts/index.ts";

/** Where a named context stands in the tree. Go looks into no directory with a dot before its name by itself. */
export function contextPath(name: string): string {
  return `.go-frontend/contexts/${name.replaceAll("/", "+")}`;
}

/** A named context as a file of modules names it: relative to the file's directory. */
export function contextFrom(file: string, name: string): string {
  const up = ancestors(file).length;
  return `${up === 0 ? "./" : "../".repeat(up)}${contextPath(name)}`;
}
