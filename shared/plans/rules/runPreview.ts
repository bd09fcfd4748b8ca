// Previews a run: the phases of each VM, their order, usual durations, and current obstacles.
// The module is pure. The caller reads the facts.

import { roundSeconds } from '../../core/seconds.ts';
import type { BudgetLimit } from '../../core/tokenBucket.ts';
import { allowedOperations, driverOf, vmStateOf } from '../../scenarios/drivers.ts';
import type { VmInOperation } from '../../scenarios/driver.ts';
import type { VmState, ItemState } from '../../scenarios/lifecycle.ts';
import type { Direction, PhaseOperation } from '../../core/operations.ts';
import type { Scenario } from '../../core/scenario.ts';
import { estimateRun, type Estimate } from './criticalPath.ts';
import type { LearnedDurations } from './durations.ts';
import { estimateDrillEnd, type DrillEnd } from './drillPreview.ts';
import { TIME_TO_LIVE, type Graph, type Node, type PlanOperation, type VmNode } from './graph.ts';
import type { LintFinding } from '../../core/finding.ts';
import type { RunFacts } from './nodes.ts';
import { buildGraph } from './buildGraph.ts';
import type { Plan } from './plan.ts';

/** The facts about a VM that a preview needs. */
export interface PreviewVm {
  readonly name: string;
  readonly scenario: Scenario;
  readonly direction: Direction;
  readonly seen: ItemState;
  readonly health: string;
  /** The job with the lock on the VM. */
  readonly lockedBy: string | null;
  readonly settings?: VmInOperation['settings'];
  /** True: the VM and its target network would be in different subscriptions. */
  readonly isNetworkElsewhere?: boolean;
}

/** All facts that a preview needs. */
export interface PreviewFacts {
  readonly vms: ReadonlyMap<string, PreviewVm>;
  readonly multiVmGroupOf?: (vm: string) => string | null;
  readonly learnedDurations: LearnedDurations;
  /** Budget of ARM writes. With thousands of VMs, this budget decides the duration of a run. */
  readonly writeBudget?: BudgetLimit;
  /** `homeRegion`: the region of Lifeboat itself. `regionOf`: the current region of a VM. */
  readonly homeRegion?: string;
  readonly regionOf?: (vm: string) => string | null;
  /** The reason against the chosen test network. */
  readonly testNetworkProblem?: string;
  /** Multi-VM groups with members outside the plan. The operation needs all members or none. */
  readonly incompleteGroups?: readonly {
    readonly name: string;
    readonly otherMembers: readonly { readonly id: string; readonly name: string }[];
  }[];
}

/** A problem that a run would meet now. */
export interface Obstacle {
  /** Null: the whole plan. */
  readonly vm: string | null;
  readonly code: string;
  /** True: Lifeboat refuses the run. False: the run starts; the message says if a step will fail. */
  readonly refuses: boolean;
  readonly message: string;
}

/** The preview of a run. */
export interface RunPreview {
  readonly operation: PlanOperation;
  readonly canRun: boolean;
  readonly obstacles: readonly Obstacle[];
  readonly vms: readonly {
    readonly vm: string;
    readonly name: string;
    readonly group: string;
    readonly state: VmState | null;
    /** Phases in order. An action of unknown duration counts as zero. */
    readonly phases: readonly {
      readonly phase: PhaseOperation;
      readonly beginsSeconds: number;
      readonly endsSeconds: number;
    }[];
  }[];
  readonly usualSeconds: number;
  /** The duration on a slow day: nine of ten runs were faster. */
  readonly slowSeconds: number;
  readonly criticalPath: readonly string[];
  readonly unknown: readonly string[];
  /**
   * Seconds from the begin of a drill to the clean-up of its test VMs. Null: no drill, or nothing
   * cleans up.
   */
  readonly cleanUpSeconds: number | null;
  /** Extra seconds for the clean-up of a running drill. */
  readonly addedByDrillSeconds: number;
}

const NO_VM_OBSTACLE: Obstacle = {
  vm: null,
  code: 'PlanEmpty',
  refuses: true,
  message: 'No VM of the plan would take part.',
};

/** Previews a run. Returns findings for a plan without a valid order. */
export function previewFromFacts(
  plan: Plan,
  operation: PlanOperation,
  facts: PreviewFacts,
): RunPreview | { readonly findings: readonly LintFinding[] } {
  const vmsInTest = new Set([...facts.vms].flatMap(([id, vm]) => (vmStateOf(vm) === 'testing' ? [id] : [])));
  const runFacts: RunFacts = facts.multiVmGroupOf ? { multiVmGroupOf: facts.multiVmGroupOf } : {};
  const graph = buildGraph(plan, operation, { ...runFacts, vmsInTest });
  const graphWithoutDrill = buildGraph(plan, operation, runFacts);
  if ('findings' in graph) return graph;
  const { learnedDurations, writeBudget } = facts;
  const scenarioOf = (vm: string) => facts.vms.get(vm)?.scenario;
  const usual = estimateRun(graph, learnedDurations, { writeBudget, scenarioOf });
  const slow = estimateRun(graph, learnedDurations, { percentile: 'p90', writeBudget, scenarioOf });
  const addedByDrillSeconds =
    'findings' in graphWithoutDrill
      ? 0
      : roundSeconds(
          usual.seconds -
            estimateRun(graphWithoutDrill, learnedDurations, { writeBudget, scenarioOf }).seconds,
        );
  const nodes = graph.nodes.filter((node): node is VmNode => node.kind === 'vms');
  const drillEnd = operation === 'testFailover' ? estimateDrillEnd(graph, usual) : null;
  const obstacles = [
    ...homeRegionObstacles(plan, nodes, facts),
    ...incompleteGroupObstacles(operation, facts),
    ...testNetworkObstacles(operation, facts),
    ...mainVmsOf(nodes).flatMap((vm) => vmObstacles(vm, operation, facts.vms.get(vm))),
    ...runningDrillObstacles(graph, operation, addedByDrillSeconds),
    ...(operation === 'testFailover' ? drillEndObstacles(drillEnd) : []),
  ];
  const shownObstacles = nodes.length === 0 ? [NO_VM_OBSTACLE] : obstacles;
  return {
    operation,
    obstacles: shownObstacles,
    canRun: !shownObstacles.some(({ refuses }) => refuses),
    vms: vmPreviewsOf(nodes, usual, facts, drillEnd),
    usualSeconds: roundSeconds(usual.seconds),
    slowSeconds: roundSeconds(slow.seconds),
    criticalPath: usual.path,
    unknown: usual.unknownNodes,
    cleanUpSeconds: drillEnd && roundSeconds(drillEnd.seconds),
    addedByDrillSeconds,
  };
}

/** The VMs that the run acts on. */
export const mainVmsOf = (nodes: readonly Node[]): readonly string[] => [
  ...new Set(nodes.flatMap((node) => (node.kind === 'vms' && node.main ? node.vms : []))),
];

function vmPreviewsOf(
  nodes: readonly VmNode[],
  { times }: Estimate,
  facts: PreviewFacts,
  drillEnd: DrillEnd | null,
): RunPreview['vms'] {
  // The estimate lets the hold wait for all nodes. The real clean-up can begin earlier.
  const secondsEarlier = drillEnd === null ? 0 : (times.get(TIME_TO_LIVE)?.ends ?? 0) - drillEnd.seconds;
  const shift = ({ phase, main }: VmNode): number =>
    phase === 'cleanUpTestFailover' && !main ? secondsEarlier : 0;
  const byVm = Map.groupBy(
    nodes.flatMap((node) => node.vms.map((vm) => ({ vm, node }))),
    ({ vm }) => vm,
  );
  return [...byVm].map(([vm, vmNodes]) => {
    const vmFacts = facts.vms.get(vm);
    const phases = vmNodes
      .map(({ node }) => ({
        phase: node.phase,
        beginsSeconds: roundSeconds((times.get(node.id)?.begins ?? 0) - shift(node)),
        endsSeconds: roundSeconds((times.get(node.id)?.ends ?? 0) - shift(node)),
      }))
      .sort((a, b) => a.beginsSeconds - b.beginsSeconds);
    return {
      vm,
      name: vmFacts?.name ?? vm,
      group: vmNodes.find(({ node }) => node.main)?.node.group ?? '',
      state: vmFacts ? vmStateOf(vmFacts) : null,
      phases,
    };
  });
}

/** Null when Lifeboat can only read such VMs: then another obstacle says that. */
const lastingRefusalOf = ({ scenario, name, settings = null }: PreviewVm, operation: PlanOperation) =>
  driverOf(scenario).capabilities?.refusalOf({ name, settings }, { operation });

function vmObstacles(
  vm: string,
  operation: PlanOperation,
  vmFacts: PreviewVm | undefined,
): readonly Obstacle[] {
  const obstacles = (refuses: boolean, code: string, message: string): Obstacle => ({
    vm,
    code,
    refuses,
    message,
  });
  if (!vmFacts)
    return [
      obstacles(
        true,
        'VmUnknown',
        `Lifeboat knows no replicated VM ${vm} any more. Take it out of the plan, or enable it again.`,
      ),
    ];
  const { name, health, lockedBy, isNetworkElsewhere = false } = vmFacts;
  const lasting = lastingRefusalOf(vmFacts, operation);
  const [state, allowedNow] = [vmStateOf(vmFacts), allowedOperations(vmFacts)];
  return [
    ...(lockedBy === null
      ? []
      : [obstacles(true, 'VmHeld', `${name} is locked by ${lockedBy}. Wait for its end, or cancel it.`)]),
    ...(allowedNow.includes(operation)
      ? []
      : [
          obstacles(
            true,
            'OperationNotAllowed',
            `${name} is ${state} and allows ${allowedNow.join(', ') || 'nothing now'}; ${operation} is ` +
              'not among them.',
          ),
        ]),
    ...(lasting ? [obstacles(true, lasting.code, lasting.message)] : []),
    ...(state === 'busy' && allowedNow.includes(operation)
      ? [
          obstacles(
            false,
            'VmBusy',
            `An operation that somebody else began runs on ${name}. Its turn comes when that has ended.`,
          ),
        ]
      : []),
    ...(isNetworkElsewhere && FAILOVER_OPERATIONS.has(operation)
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

const FAILOVER_OPERATIONS: ReadonlySet<PlanOperation> = new Set(['failover', 'failback']);

const testNetworkObstacles = (
  operation: PlanOperation,
  { testNetworkProblem }: PreviewFacts,
): readonly Obstacle[] =>
  operation === 'testFailover' && testNetworkProblem !== undefined
    ? [{ vm: null, code: 'NetworkElsewhere', refuses: true, message: testNetworkProblem }]
    : [];

function homeRegionObstacles(
  plan: Plan,
  nodes: readonly VmNode[],
  { homeRegion, regionOf }: PreviewFacts,
): readonly Obstacle[] {
  const vmsInHomeRegion =
    homeRegion === undefined ? [] : mainVmsOf(nodes).filter((vm) => regionOf?.(vm) === homeRegion);
  return vmsInHomeRegion.length === 0
    ? []
    : [
        {
          vm: null,
          code: 'SourceIsHome',
          refuses: false,
          message:
            `${vmsInHomeRegion.length} VMs of "${plan.name}" run in ${String(homeRegion)}, where Lifeboat ` +
            'itself runs: when that region fails, nobody may be there to run the plan.',
        },
      ];
}

const incompleteGroupObstacles = (
  operation: PlanOperation,
  { incompleteGroups = [] }: PreviewFacts,
): readonly Obstacle[] =>
  incompleteGroups.map(({ name, otherMembers }) => ({
    vm: null,
    code: 'GroupIncomplete',
    refuses: true,
    message:
      `Site Recovery does ${operation} with all members of a multi-VM group or with none: the ` +
      `multi-VM group ${name} also has ` +
      `${otherMembers.map((vm) => `${vm.name} (${vm.id})`).join(', ')}. Add them to the plan too.`,
  }));

function drillEndObstacles(end: DrillEnd | null): readonly Obstacle[] {
  const obstacles = (code: string, message: string): readonly Obstacle[] => [
    { vm: null, code, refuses: false, message },
  ];
  if (end === null)
    return obstacles(
      'DrillNotCleanedUp',
      'The plan does not clean up the test VMs: they stay until a person cleans them up. Send ' +
        'cleanUpTestFailover after the drill.',
    );
  if (end.givenUpSteps.length === 0) return [];
  const names = end.givenUpSteps
    .slice(0, 5)
    .map((name) => `"${name}"`)
    .join(', ');
  return obstacles(
    'TimeToLiveTooShort',
    `By the usual durations, ${names} would not end within ${end.minutes} minutes after the test ` +
      'VMs are up, and would be given up. Make cleanUpAfterMinutes longer.',
  );
}

function runningDrillObstacles(
  { nodes }: Graph,
  operation: PlanOperation,
  addedSeconds: number,
): readonly Obstacle[] {
  const cleanUpCount =
    operation === 'testFailover'
      ? 0
      : nodes.filter((node) => node.kind === 'vms' && node.phase === 'cleanUpTestFailover' && !node.main)
          .length;
  return cleanUpCount === 0
    ? []
    : [
        {
          vm: null,
          code: 'DrillInProgress',
          refuses: false,
          message:
            `${cleanUpCount} of the VMs are in a drill, which is cleaned up first, in the same run: that ` +
            `makes it about ${Math.ceil(addedSeconds / 60)} minutes longer.`,
        },
      ];
}
