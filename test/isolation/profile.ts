// A profile of a program that nobody ran, in the format of pprof (google/pprof:proto/profile.proto), of which Go's
// compiler reads who calls whom how often. All of its bytes are below 128, so it is a text like all other files.

/** A function too large to be inlined unless a profile says that it is hot, and two that call it. */
export const hotFile = [
  "package main",
  "",
  "func hot(text string) int { return first(text) + second(text) }",
  "",
  "//go:noinline",
  "func first(text string) int { return large(text) }",
  "",
  "//go:noinline",
  "func second(text string) int { return large(text) }",
  "",
  "func large(text string) (sum int) {",
  "\tfor _, letter := range text {",
  ...Array.from(
    { length: 12 },
    (_, at) => `\t\tif letter > ${40 + at} {\n\t\t\tsum += int(letter) * ${at + 2}\n\t\t}`,
  ),
  "\t}",
  "\treturn sum",
  "}",
  "",
].join("\n");

/** A profile in which one of the two callers is hot. */
export function profileOf(caller: 1 | 2): string {
  const strings = [
    "",
    "samples",
    "count",
    "cpu",
    "nanoseconds",
    "main.large",
    "main.first",
    "main.second",
    "hot.go",
  ];
  const [large, first, second, file] = [5, 6, 7, 8];
  const line = { first: 6, second: 9, large: 12 };
  const functions = [
    [1, large, line.large],
    [2, caller === 1 ? first : second, caller === 1 ? line.first : line.second],
  ] as const;
  const bytes = [
    ...message(1, [...number(1, 1), ...number(2, 2)]),
    ...message(1, [...number(1, 3), ...number(2, 4)]),
    // One sample: the caller called the large function, often.
    ...message(2, [...message(1, [1, 2]), ...message(2, [100, 100])]),
    ...functions.flatMap(([id, name, start]) => [
      ...message(4, [...number(1, id), ...message(4, [...number(1, id), ...number(2, start)])]),
      ...message(5, [
        ...number(1, id),
        ...number(2, name),
        ...number(3, name),
        ...number(4, file),
        ...number(5, start),
      ]),
    ]),
    ...strings.flatMap((text) => message(6, [...Buffer.from(text)])),
  ];
  return String.fromCharCode(...bytes);
}

/** Fields of a protobuf message whose numbers, and whose lengths, take a byte. */
const number = (field: number, value: number): readonly number[] => [field << 3, value];
const message = (field: number, bytes: readonly number[]): readonly number[] => [
  (field << 3) | 2,
  bytes.length,
  ...bytes,
];
