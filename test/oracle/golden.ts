export const writeGolden = (): string => "later";
