import { finder, medianOf, secondsOf, vertexSeconds, type Group } from "./stats.ts";

/** A figure asked for, and what was measured of it. */
export interface Goal {
  readonly text: string;
  readonly asked: string;
  readonly measured: number;
  /** Undefined: a figure to report, without a bound. */
  readonly met: boolean | undefined;
  readonly unit: "x" | "%";
}

const atLeast = (text: string, bound: number, measured: number): Goal => ({
  text,
  asked: `≥ ${bound}x`,
  measured,
  met: measured >= bound,
  unit: "x",
});

const atMost = (text: string, bound: number, measured: number): Goal => ({
  text,
  asked: `≤ ${bound}x`,
  measured,
  met: measured <= bound,
  unit: "x",
});

const reported = (text: string, measured: number): Goal => ({
  text,
  asked: "report",
  measured,
  met: undefined,
  unit: "x",
});

type Find = ReturnType<typeof finder>;

/** How many times faster ours is than a peer. */
const gain = (find: Find, scenario: string, variant: string, peer: string, subject?: string): number =>
  secondsOf(find(scenario, variant, peer, subject)) / secondsOf(find(scenario, variant, "ours", subject));

const editGoals = (find: Find): readonly Goal[] => [
  atLeast(
    "3 · edit in main, empty builder, registry cache: D0 / ours",
    7,
    gain(find, "3", "import only", "D0"),
  ),
  atLeast("3 · … D1 / ours", 7, gain(find, "3", "import only", "D1")),
  atLeast("3 · … D2 / ours", 1.8, gain(find, "3", "import only", "D2")),
  atLeast("3 · … D3 / ours", 1, gain(find, "3", "import only", "D3")),
  ...["2 hours old", "6 days old"].flatMap((age) => {
    const ours = secondsOf(find("7", age, "ours"));
    const other = (peer: string): number => secondsOf(find("3", "import only", peer)) / ours;
    return [
      atLeast(`7 · the same with caches ${age}: D0 (of scenario 3) / ours with export`, 7, other("D0")),
      atLeast(`7 · … ${age}: D1 (of scenario 3) / ours with export`, 7, other("D1")),
      atLeast(`7 · … ${age}: D2 / ours, both with export`, 1.8, gain(find, "7", age, "D2")),
      atLeast(`7 · … ${age}: D3 / ours, both with export`, 1, gain(find, "7", age, "D3")),
    ];
  }),
];

function bumpGoals(find: Find): readonly Goal[] {
  const leaf = "leaf module (bbolt)";
  const root = secondsOf(find("5", leaf, "D0")) / secondsOf(find("5", "root module (x/sys)", "ours"));
  return [
    atLeast("5 · dependency bump of a leaf module: D0 / ours", 4, gain(find, "5", leaf, "D0")),
    atLeast("5 · dependency bump of a root module: D0 (of the leaf bump) / ours", 4, root),
    atLeast("6 · new import of a known module: D0 / ours", 3, gain(find, "6", "import only", "D0")),
  ];
}

function coldGoals(find: Find): readonly Goal[] {
  const variant = "with cache export";
  const ours = find("1", variant, "ours");
  const against = (peer: string): number => 1 / gain(find, "1", variant, peer);
  const exported = (design: string): number =>
    medianOf(find("1", variant, design), (sample) => sample.exportedBytes);
  const smallest = Math.min(...["D0", "D2", "D3"].map(exported));
  const share = (medianOf(ours, (sample) => sample.exportedBytes) / smallest) * 100;
  return [
    atMost("1 · cold with export: ours / D1", 1.05, against("D1")),
    ...["D0", "D2", "D3"].map((peer) => atMost(`1 · … ours / ${peer}`, 1, against(peer))),
    {
      text: "1 · exported cache: ours / smallest of D0, D2, D3",
      asked: "≤ 60 %",
      measured: share,
      met: share <= 60,
      unit: "%",
    },
  ];
}

function warmGoals(find: Find): readonly Goal[] {
  const variant = "edit in main";
  const ours = secondsOf(find("8", variant, "ours"));
  const floor =
    secondsOf(find("8", variant, "go build")) +
    vertexSeconds(find("8", variant, "D1"), /^exporting to image/);
  return [
    atLeast("8 · warm edit in main: D1 / ours", 1.15, gain(find, "8", variant, "D1")),
    atMost("8 · … ours / (`go build` + D1's image export)", 1.5, ours / floor),
    reported("8 · … D1 with its `# syntax=` line (external) / ours", gain(find, "8", variant, "D1 external")),
    reported("8 · … ko / ours", gain(find, "8", variant, "ko")),
    reported("8 · warm, no change: D1 / ours", gain(find, "8", "no change", "D1")),
  ];
}

const frontendGoals = (find: Find): readonly Goal[] => [
  atMost(
    "2 · nothing changed, empty builder: ours / external docker/dockerfile",
    1,
    1 / gain(find, "2", "import only", "D1 external"),
  ),
  reported("2 · … ours / built-in dockerfile.v0", 1 / gain(find, "2", "import only", "D1")),
  reported(
    "13 · nothing changed, warm: ours / external docker/dockerfile",
    1 / gain(find, "13", "no change", "D1 external"),
  ),
  reported("13 · … ours / built-in dockerfile.v0", 1 / gain(find, "13", "no change", "D1")),
];

const platformGoals = (find: Find): readonly Goal[] => [
  atMost("9 · two platforms, cold: ours / D1", 1, 1 / gain(find, "9", "cold", "D1")),
  atLeast(
    "9 · two platforms, relink after an edit in main: D1 / ours",
    1.5,
    gain(find, "9", "warm, edit in main", "D1"),
  ),
];

function monorepoGoals(find: Find): readonly Goal[] {
  const changed = (design: string, variant: string) => find("10", variant, design, "monorepo");
  const bytes = (variant: string): number => {
    const of = (design: string): number =>
      medianOf(changed(design, variant), ({ contextBytes }) => contextBytes);
    return of("D1") / of("ours");
  };
  const faster = (variant: string): number => gain(find, "10", variant, "D1", "monorepo");
  const [warm, all, fresh] = [
    "warm, this service changed",
    "warm, all ten built after one changed",
    "empty builder, registry cache, this service changed",
  ] as const;
  return [
    atLeast("10 · monorepo, one of ten changed, empty builder, registry cache: D1 / ours", 8, faster(fresh)),
    atLeast("10 · … warm, all ten built, each D1 by its own Dockerfile: D1 / ours", 8, faster(all)),
    atLeast("10 · … warm, the changed one built: D1 / ours", 8, faster(warm)),
    atLeast("10 · … bytes sent to an empty builder, D1 / ours", 100, bytes(fresh)),
    atLeast("10 · … bytes sent to a warm builder, D1 / ours", 100, bytes(warm)),
  ];
}

const ordersGoals = (find: Find): readonly Goal[] => [
  reported("orders · warm, no change: D1 / ours", gain(find, "orders", "no change", "D1", "orders")),
  reported("orders · warm, edit in main: D1 / ours", gain(find, "orders", "edit in main", "D1", "orders")),
];

const cgoGoals = (find: Find): readonly Goal[] =>
  ["cold", "edit in main", "edit of a C header"].flatMap((words) =>
    ["linux/amd64", "linux/arm64"].map((platform) =>
      reported(
        `cgo · ${words}, ${platform}: xx / ours`,
        gain(find, "cgo", `${words}, ${platform}`, "xx", "visits"),
      ),
    ),
  );

/** All goals, with what a run says of them on one subject; NaN where it has no figures. */
export function goalsOf(groups: readonly Group[], subject: string): readonly Goal[] {
  const find = finder(groups, subject);
  return [
    editGoals,
    bumpGoals,
    coldGoals,
    warmGoals,
    frontendGoals,
    platformGoals,
    monorepoGoals,
    ordersGoals,
    cgoGoals,
  ].flatMap((goals) => goals(find));
}
