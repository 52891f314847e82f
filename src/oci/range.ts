/** A range of a text file, as BuildKit counts (moby/buildkit:solver/pb/ops.proto, Range). Both ends must be there: its clients crash on a range without one. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** Lines count from 1, characters from 0. BuildKit carries characters, and no client of it draws them. */
export interface Position {
  readonly line: number;
  readonly character: number;
}
