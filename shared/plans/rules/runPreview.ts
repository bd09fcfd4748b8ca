// What a run would do to each VM, in which order, how long it usually takes, and what is in its way
// now. Nothing is changed by asking.
import type { BudgetRule } from '../../core/tokenBucket.ts';
import { allowedOperations, vmStateOf } from '../../scenarios/drivers.ts';
import type { VmState, Seen } from '../../scenarios/lifecycle.ts';
import type { Direction, PhaseOperation } from '../../core/words.ts';
import type { Scenario } from '../../core/scenario.ts';
import { estimate, type Estimate } from './criticalPath.ts';
import type { Learned } from './durations.ts';
import { drillEndIn, type DrillEnd } from './drillPreview.ts';
import { TIME_TO_LIVE, type Graph, type Node, type PlanOperation, type VmNode } from './graph.ts';
import type { Finding } from '../../core/finding.ts';
import type { RunFacts } from './nodes.ts';
import { graphOf } from './order.ts';
import type { Plan } from './plan.ts';

export interface PreviewVm {
  readonly name: string;
  readonly scenario: Scenario;
  readonly direction: Direction;
  readonly seen: Seen;
  readonly health: string;
  /** The job that holds it. */
  readonly heldBy: string | null;
  /** Its network is of another subscription than the VM would be. */
  readonly networkElsewhere?: boolean;
}

export interface PreviewFacts {
  readonly vms: ReadonlyMap<string, PreviewVm>;
  readonly multiVmGroupOf?: (vm: string) => string | null;
  readonly learned: Learned;
  /** Of ARM writes: with thousands of VMs it, and not Site Recovery, says how long a run takes. */
  readonly writes?: BudgetRule;
  /** Where Lifeboat itself runs, and where VMs run now. */
  readonly homeRegion?: string;
  readonly regionOf?: (vm: string) => string | null;
  /** Why the test VMs cannot come up on the network that is meant for them. */
  readonly testNetwork?: string;
  /** Multi-VM groups of which the plan names some only, where the operation takes all or none. */
  readonly parted?: readonly {
    readonly name: string;
    readonly left: readonly { readonly id: string; readonly name: string }[];
  }[];
}

export interface Obstacle {
  /** Null: the plan as a whole. */
  readonly vm: string | null;
  readonly code: string;
  /** The run would be refused; else it is only told. */
  readonly refuses: boolean;
  readonly message: string;
}

export interface RunPreview {
  readonly operation: PlanOperation;
  readonly canRun: boolean;
  readonly obstacles: readonly Obstacle[];
  readonly vms: readonly {
    readonly vm: string;
    readonly name: string;
    readonly group: string;
    readonly state: VmState | null;
    /** In order; where nobody knows how long an action takes, it is counted as nothing. */
    readonly phases: readonly {
      readonly phase: PhaseOperation;
      readonly beginsSeconds: number;
      readonly endsSeconds: number;
    }[];
  }[];
  readonly usualSeconds: number;
  /** On a slow day: nine of ten were faster. */
  readonly slowSeconds: number;
  readonly criticalPath: readonly string[];
  readonly unknown: readonly string[];
  /**
   * Of a drill: from its begin until its test VMs are cleaned up, whatever waits then. Null:
   * nothing cleans them up, or it is no drill.
   */
  readonly cleanUpSeconds: number | null;
  /** How much longer it takes because a drill has to be cleaned up first. */
  readonly addedByDrillSeconds: number;
}

export function previewRun(
  plan: Plan,
  operation: PlanOperation,
  facts: PreviewFacts,
): RunPreview | { readonly findings: readonly Finding[] } {
  const testing = new Set([...facts.vms].flatMap(([id, vm]) => (vmStateOf(vm) === 'testing' ? [id] : [])));
  const shape: RunFacts = facts.multiVmGroupOf ? { multiVmGroupOf: facts.multiVmGroupOf } : {};
  const graph = graphOf(plan, operation, { ...shape, testing });
  const plain = graphOf(plan, operation, shape);
  if ('findings' in graph) return graph;
  const { learned, writes } = facts;
  const usual = estimate(graph, learned, { writes });
  const slow = estimate(graph, learned, { as: 'p90', writes });
  const addedByDrillSeconds =
    'findings' in plain ? 0 : usual.seconds - estimate(plain, learned, { writes }).seconds;
  const nodes = graph.nodes.filter((node): node is VmNode => node.kind === 'vms');
  const drillEnd = operation === 'testFailover' ? drillEndIn(graph, usual) : null;
  const obstacles = [
    ...plansWay(plan, nodes, facts),
    ...groupsWay(operation, facts),
    ...networksWay(operation, facts),
    ...membersOf(nodes).flatMap((vm) => vmsWay(vm, operation, facts.vms.get(vm))),
    ...drillsWay(graph, operation, addedByDrillSeconds),
    ...(operation === 'testFailover' ? endsWay(drillEnd) : []),
  ];
  return {
    operation,
    obstacles,
    canRun: !obstacles.some(({ refuses }) => refuses),
    vms: told(nodes, usual, facts, drillEnd),
    usualSeconds: usual.seconds,
    slowSeconds: slow.seconds,
    criticalPath: usual.path,
    unknown: usual.unknown,
    cleanUpSeconds: drillEnd?.seconds ?? null,
    addedByDrillSeconds,
  };
}

/** Those that the run is for. */
export const membersOf = (nodes: readonly Node[]): readonly string[] => [
  ...new Set(nodes.flatMap((node) => (node.kind === 'vms' && node.main ? node.vms : []))),
];

function told(
  nodes: readonly VmNode[],
  { times }: Estimate,
  facts: PreviewFacts,
  drillEnd: DrillEnd | null,
): RunPreview['vms'] {
  // A drill that is over before all of it is done is cleaned up then.
  const earlier = drillEnd === null ? 0 : (times.get(TIME_TO_LIVE)?.ends ?? 0) - drillEnd.seconds;
  const shift = ({ phase, main }: VmNode): number => (phase === 'cleanUpTestFailover' && !main ? earlier : 0);
  const byVm = Map.groupBy(
    nodes.flatMap((node) => node.vms.map((vm) => ({ vm, node }))),
    ({ vm }) => vm,
  );
  return [...byVm].map(([vm, all]) => {
    const known = facts.vms.get(vm);
    const does = all
      .map(({ node }) => ({
        phase: node.phase,
        beginsSeconds: (times.get(node.id)?.begins ?? 0) - shift(node),
        endsSeconds: (times.get(node.id)?.ends ?? 0) - shift(node),
      }))
      .sort((a, b) => a.beginsSeconds - b.beginsSeconds);
    return {
      vm,
      name: known?.name ?? vm,
      group: all.find(({ node }) => node.main)?.node.group ?? '',
      state: known ? vmStateOf(known) : null,
      phases: does,
    };
  });
}

function vmsWay(vm: string, operation: PlanOperation, known: PreviewVm | undefined): readonly Obstacle[] {
  const obstacles = (refuses: boolean, code: string, message: string): Obstacle => ({
    vm,
    code,
    refuses,
    message,
  });
  if (!known)
    return [
      obstacles(
        true,
        'VmUnknown',
        `Lifeboat knows no replicated VM ${vm} any more. Take it out of the plan, or enable it again.`,
      ),
    ];
  const { name, health, heldBy, networkElsewhere = false } = known;
  const [state, allowed] = [vmStateOf(known), allowedOperations(known)];
  return [
    ...(heldBy === null
      ? []
      : [obstacles(true, 'VmHeld', `${name} is held by ${heldBy}. Wait for its end, or cancel it.`)]),
    ...(allowed.includes(operation)
      ? []
      : [
          obstacles(
            true,
            'OperationNotAllowed',
            `${name} is ${state} and allows ${allowed.join(', ') || 'nothing now'}; ${operation} is ` +
              'not among them.',
          ),
        ]),
    ...(state === 'busy' && allowed.includes(operation)
      ? [
          obstacles(
            false,
            'VmBusy',
            `An operation that somebody else began runs on ${name}. Its turn comes when that has ended.`,
          ),
        ]
      : []),
    ...(networkElsewhere && COMES_UP.has(operation)
      ? [
          obstacles(
            false,
            'NetworkElsewhere',
            `The target network of ${name} is of another subscription than its resource group: its ` +
              'failover will be refused. Send updateReplication with another networkId.',
          ),
        ]
      : []),
    ...(health === 'Normal' || health === ''
      ? []
      : [
          obstacles(
            false,
            'HealthNotNormal',
            `The replication health of ${name} is ${health}: its newest points may be older than usual.`,
          ),
        ]),
  ];
}

const COMES_UP: ReadonlySet<PlanOperation> = new Set(['failover', 'failback']);

const networksWay = (operation: PlanOperation, { testNetwork }: PreviewFacts): readonly Obstacle[] =>
  operation === 'testFailover' && testNetwork !== undefined
    ? [{ vm: null, code: 'NetworkElsewhere', refuses: true, message: testNetwork }]
    : [];

function plansWay(
  plan: Plan,
  nodes: readonly VmNode[],
  { homeRegion, regionOf }: PreviewFacts,
): readonly Obstacle[] {
  const inside =
    homeRegion === undefined ? [] : membersOf(nodes).filter((vm) => regionOf?.(vm) === homeRegion);
  return inside.length === 0
    ? []
    : [
        {
          vm: null,
          code: 'SourceIsHome',
          refuses: false,
          message:
            `${inside.length} VMs of "${plan.name}" run in ${String(homeRegion)}, where Lifeboat ` +
            'itself runs: when that region fails, nobody may be there to run the plan.',
        },
      ];
}

const groupsWay = (operation: PlanOperation, { parted = [] }: PreviewFacts): readonly Obstacle[] =>
  parted.map(({ name, left }) => ({
    vm: null,
    code: 'GroupIncomplete',
    refuses: true,
    message:
      `Site Recovery does ${operation} with all members of a multi-VM group or with none: the ` +
      `multi-VM group ${name} also has ` +
      `${left.map((vm) => `${vm.name} (${vm.id})`).join(', ')}. Add them to the plan too.`,
  }));

function endsWay(end: DrillEnd | null): readonly Obstacle[] {
  const obstacles = (code: string, message: string): readonly Obstacle[] => [
    { vm: null, code, refuses: false, message },
  ];
  if (end === null)
    return obstacles(
      'DrillNotCleanedUp',
      'The plan does not clean the test VMs up: they stand until a person does. Send ' +
        'cleanUpTestFailover after the drill.',
    );
  if (end.givenUp.length === 0) return [];
  const names = end.givenUp
    .slice(0, 5)
    .map((name) => `"${name}"`)
    .join(', ');
  return obstacles(
    'TimeToLiveTooShort',
    `By what is usual, ${names} would not be over ${end.minutes} minutes after the test VMs ` +
      'are up, and would be given up. Make cleanUpAfterMinutes longer.',
  );
}

function drillsWay({ nodes }: Graph, operation: PlanOperation, added: number): readonly Obstacle[] {
  const cleaned =
    operation === 'testFailover'
      ? 0
      : nodes.filter((node) => node.kind === 'vms' && node.phase === 'cleanUpTestFailover' && !node.main)
          .length;
  return cleaned === 0
    ? []
    : [
        {
          vm: null,
          code: 'DrillInProgress',
          refuses: false,
          message:
            `${cleaned} of the VMs are in a drill, which is cleaned up first, in the same run: that ` +
            `makes it about ${Math.ceil(added / 60)} minutes longer.`,
        },
      ];
}
