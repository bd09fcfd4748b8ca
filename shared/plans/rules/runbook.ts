// Renders a plan as a printable runbook, for a manual failover while Lifeboat itself is down.
// The runbook contains requests for any shell with a login to Azure.

import type { PrerequisiteSpec } from '../../azure/prerequisite.ts';
import type { Scenario } from '../../core/scenario.ts';
import { VmState } from '../../scenarios/lifecycle.ts';
import type { Action } from './action.ts';
import { escapeMarkdown as text } from '../../core/markdown.ts';
import { sortGroups } from './buildGraph.ts';
import type { Group, Plan, RecoveryPointChoice, RecoveryPointRule } from './plan.ts';
import {
  automationJobRequest,
  commitRequest,
  failoverRequest,
  failoverPlanRequest,
  readItemRequest,
  listJobsRequest,
  checkMachineRequest,
  createPlanRequest,
  checkPlanRequest,
  POINT_PLACEHOLDER,
  listPointsRequest,
} from './runbookRequests.ts';

/** The facts about a VM that the runbook needs. */
export interface RunbookVm {
  readonly id: string;
  readonly name: string;
  readonly scenario: Scenario;
  /** The ARM id of the replicated item, from the registry. */
  readonly armId: string;
  readonly vaultArmId: string;
  readonly sourceRegion: string;
  readonly targetRegion: string;
  readonly state: VmState;
  /** The VM after a failover; null: unknown now. The item names that VM after the failover. */
  readonly recoveryVmId: string | null;
}

/** The members of a multi-VM group. They go together, through their native plan. */
export interface RunbookGroup {
  readonly name: string;
  /** Lifeboat's ids of the members in this plan. */
  readonly vms: readonly string[];
  /** Members outside this plan. They fail over too. */
  readonly otherMembers: readonly string[];
  readonly planId: string;
  readonly spec: Extract<PrerequisiteSpec, { kind: 'recoveryPlan' }>;
}

export interface RunbookFacts {
  readonly planId: string;
  readonly version: number;
  readonly savedAt: string;
  /** `madeAt`: time of the page. `seenAt`: oldest read time among the VMs. */
  readonly madeAt: string;
  readonly seenAt: string;
  readonly vms: ReadonlyMap<string, RunbookVm>;
  readonly groups: readonly RunbookGroup[];
}

/** The VMs that one write fails over. */
interface FailoverUnit {
  readonly name: string;
  readonly vms: readonly RunbookVm[];
  readonly group: RunbookGroup | null;
}

/** Renders the runbook of a plan as Markdown. The same facts give the same text. */
export function renderRunbook(plan: Plan, facts: RunbookFacts): string {
  const groups = sortGroups(plan.runs.failover);
  const units = groups.map((group) => unitsOf(group, facts));
  const vms = units.flat().flatMap((unit) => unit.vms);
  const vaults = [...new Set(vms.map(({ vaultArmId }) => vaultArmId))];
  return [
    `# By hand: ${text(plan.name)}`,
    '',
    `Version ${facts.version} of the plan \`${facts.planId}\`, saved ${facts.savedAt}. Made ` +
      `${facts.madeAt}, from VMs that were last seen at ${facts.seenAt} or later; it is true ` +
      'until the plan is saved again, or one of its VMs moves: then there is another page. ' +
      'Keep the newest where the disaster does not reach.',
    '',
    ...(plan.description === '' ? [] : [text(plan.description), '']),
    `Targets: up within ${plan.targets.recoveryMinutes ?? 'no stated'} minutes, data loss of ` +
      `at most ${plan.targets.dataLossMinutes ?? 'no stated'} minutes.`,
    '',
    '## Before you begin',
    '',
    `1. Sign in: \`az login\`, as somebody with the role Site Recovery Operator on ` +
      `${vaults.map((id) => `\`${id}\``).join(', ') || 'the vaults'}.`,
    "2. Is Lifeboat truly down? Two hands on one VM get in each other's way. What Lifeboat " +
      'has begun, the list of jobs shows as InProgress: wait for its end.',
    ...vaults.flatMap(listJobsRequest),
    '3. Go through the tiers in their order. Azure answers each failover with 202 and ' +
      'nothing else, and goes on for some minutes. Send it once. When the answer does not ' +
      'come, look at the list of jobs before you send it again.',
    '4. In the portal the same is done at the vault: under Replicated items for a VM, under ' +
      'Recovery plans for a multi-VM group.',
    '',
    ...groups.flatMap((group, at) => groupSection(group, at, units[at] ?? [], facts)),
    '## Afterwards',
    '',
    'Look at each machine, then commit each: until then another recovery point can be ' +
      `chosen, afterwards not.${commitRuleText(plan)}`,
    '',
    ...units
      .flat()
      .flatMap(({ name, vms: members, group }) =>
        group
          ? [
              `* **The multi-VM group ${text(name)}** (${memberNames(members, group)})`,
              ...commitRequest(`the multi-VM group ${name}: ${memberNames(members, group)}`, group.planId),
            ]
          : members.flatMap((vm) => [`* **${text(vm.name)}**`, ...commitRequest(vm.name, vm.armId)]),
      ),
    '',
    'Reprotecting needs the targets of the way back and is better left to Lifeboat once it ' +
      'answers: it finds what was done by hand.',
    '',
  ]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n');
}

function commitRuleText({ commitWindow }: Plan): string {
  if (commitWindow.kind === 'wait') return '';
  return (
    ` Nothing does it for you: the plan's rule to ` +
    `${commitWindow.kind === 'commit' ? 'commit' : 'take the failover back'} after ` +
    `${commitWindow.afterMinutes} minutes holds only in a run by Lifeboat.`
  );
}

/** Units in the order of the group. A multi-VM group takes the place of its first member. */
function unitsOf({ vms: ids }: Group, { vms, groups }: RunbookFacts): readonly FailoverUnit[] {
  const groupOf = new Map(groups.flatMap((group) => group.vms.map((vm) => [vm, group] as const)));
  const known = ids.flatMap((id) => vms.get(id) ?? []);
  return [...Map.groupBy(known, ({ id }) => groupOf.get(id) ?? id)].map(([key, members]) =>
    typeof key === 'string'
      ? { name: members[0]?.name ?? key, vms: members, group: null }
      : { name: key.name, vms: members, group: key },
  );
}

const memberNames = (members: readonly RunbookVm[], { otherMembers }: RunbookGroup): string =>
  [...members.map(({ name }) => name), ...otherMembers].map(text).join(', ');

function groupSection(
  group: Group,
  at: number,
  units: readonly FailoverUnit[],
  { vms }: RunbookFacts,
): readonly string[] {
  const actionLines = (list: readonly Action[], when: string): readonly string[] =>
    list.flatMap((action) => [
      `* ${when}: **${text(action.name)}** (${action.kind}) ${text(actionText(action))}`,
      ...actionRequest(action),
    ]);
  const nameOf = (id: string): string => text(vms.get(id)?.name ?? id);
  const vmActionLines = (place: 'before' | 'after', when: string) =>
    group.vms.flatMap((id) => actionLines(group.perVm[id]?.[place] ?? [], `${when} ${nameOf(id)}`));
  return [
    `## ${at + 1}. ${text(group.name)}`,
    '',
    group.waitsFor.length === 0
      ? 'Begins at once.'
      : `Begins when ${group.waitsFor.map(text).join(', ')} ` +
        `${group.waitsFor.length === 1 ? 'is' : 'are'} up.`,
    '',
    ...actionLines(group.before, 'Before'),
    ...vmActionLines('before', 'Before'),
    ...group.vms
      .filter((id) => !vms.has(id))
      .map((id) => `* **${id}**: Lifeboat knows no such VM any more. Nothing can be printed for it.`),
    ...units.flatMap((unit) => failoverLines(unit, group.recoveryPoint ?? [{ kind: 'latest' }])),
    ...(units.length === 0
      ? []
      : [
          `* **Is ${text(group.name)} up?** Ask again until each says so.`,
          ...units.flatMap((unit) => unit.vms).flatMap(checkUpLines),
        ]),
    ...vmActionLines('after', 'After'),
    ...actionLines(group.after, 'After'),
    '',
  ];
}

const checkUpLines = (vm: RunbookVm): readonly string[] => [
  ...readItemRequest(vm),
  ...(vm.recoveryVmId === null ? [] : checkMachineRequest(vm.name, vm.recoveryVmId)),
];

/** States without a remark. A drill and a running operation are temporary, so they need no remark. */
const NORMAL_STATES: ReadonlySet<string> = new Set([VmState.protected, VmState.testing, VmState.busy]);
const stateRemark = ({ state, name }: RunbookVm): string =>
  NORMAL_STATES.has(state)
    ? ''
    : ` When this was made ${text(name)} was ${state}, so look at it before anything is sent.`;

function failoverLines({ name, vms, group }: FailoverUnit, rule: RecoveryPointRule): readonly string[] {
  const [first] = vms;
  if (!first) return [];
  const regionsText = `${first.sourceRegion} → ${first.targetRegion}`;
  const points = `Recovery point: ${rule.map(choiceText).join('; else ')}.`;
  const remarks = vms.map(stateRemark).join('');
  if (!group)
    return [`* **${text(name)}**: ${regionsText}. ${points}${remarks}`, ...vmFailoverLines(first, rule)];
  const otherMembersText =
    group.otherMembers.length === 0
      ? ''
      : ` ${group.otherMembers.map(text).join(', ')} ${group.otherMembers.length === 1 ? 'is' : 'are'} not ` +
        `in this plan, and go${group.otherMembers.length === 1 ? 'es' : ''} along.`;
  return [
    `* **The multi-VM group ${text(name)}** (${memberNames(vms, group)}): ${regionsText}. Its members go ` +
      `together or not at all, by one request to the native plan \`${lastSegmentOf(group.planId)}\`. ` +
      `None of them can be failed over by itself.${otherMembersText} ${points}${remarks}`,
    ...checkPlanRequest(name, group.planId),
    ...createPlanRequest(name, group.planId, group.spec),
    ...(rule.length === 1 ? [] : ['  Send one of these, the first that fits:']),
    ...rule.flatMap(({ kind }) => failoverPlanRequest(first.scenario, name, group.planId, kind)),
  ];
}

const lastSegmentOf = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

/** Site Recovery itself takes the latest point. Any other point needs its id. */
function vmFailoverLines(vm: RunbookVm, rule: RecoveryPointRule): readonly string[] {
  if (rule[0]?.kind === 'latest' && rule.length === 1) return failoverRequest(vm);
  const allowsLatest = rule.some(({ kind }) => kind === 'latest');
  return [
    ...listPointsRequest(vm),
    `  Choose by the rule above, and put the point's id in place of ${POINT_PLACEHOLDER}:`,
    ...failoverRequest(vm, POINT_PLACEHOLDER),
    ...(allowsLatest ? ['  Or, where the rule comes to the latest:', ...failoverRequest(vm)] : []),
  ];
}

const POINT_KIND_TEXTS: Record<RecoveryPointChoice['kind'], string> = {
  latest: 'latest (whatever has left the source; no id is named)',
  latestProcessed: 'latestProcessed (the newest in the list)',
  latestAppConsistent: 'latestAppConsistent (the newest of the type ApplicationConsistent)',
  latestCrashConsistent: 'latestCrashConsistent (the newest of the type CrashConsistent)',
  latestMultiVmConsistent:
    'latestMultiVmConsistent (the newest that all members share: MultiVmSyncRecoveryPoint)',
};
const choiceText = ({ kind, notOlderThanMinutes }: RecoveryPointChoice): string =>
  POINT_KIND_TEXTS[kind] +
  (notOlderThanMinutes === undefined ? '' : `, if not older than ${notOlderThanMinutes} minutes`);

const actionRequest = (action: Action): readonly string[] =>
  action.kind === 'runbook' ? automationJobRequest(action.name, action.runbookId, action.parameters) : [];

function actionText(action: Action): string {
  switch (action.kind) {
    case 'manual':
      return action.instructions;
    case 'approval':
      return `${action.people} must say yes.`;
    case 'wait':
      return `Wait ${action.minutes} minutes.`;
    case 'probe':
      return `Wait until ${'url' in action.target ? action.target.url : action.target.tcp} answers.`;
    case 'http':
      return `${action.method} ${action.url}${action.body === '' ? '' : `, with the body ${action.body}`}`;
    case 'runbook':
      return (
        `Start the runbook ${action.runbookId}, ` +
        (Object.keys(action.parameters).length === 0
          ? 'without parameters. '
          : `with the parameters ${JSON.stringify(action.parameters)}. `) +
        'If it declares RecoveryPlanContext, it gets none by hand.'
      );
    case 'script':
      return (
        `Run the script with SHA-256 ${action.sha256} on ` +
        `${action.on}${action.reference === undefined ? '; its text stands in the plan' : ` from ${action.reference}`}.`
      );
  }
}
