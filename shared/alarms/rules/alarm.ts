// Finds the problems of a plan between its runs.
// Problems: an overdue drill, an RPO above the target, missing data, and a drill that cannot start.
// Further problems: an expired drill that waited for a person, and test VMs that stand too long.

import { VmState } from '../../scenarios/lifecycle.ts';

/** The kinds of alarms. */
export const AlarmKind = {
  notDrilled: 'notDrilled',
  behindTarget: 'behindTarget',
  noData: 'noData',
  notReady: 'notReady',
  notCleanedUp: 'notCleanedUp',
  timeToLiveOver: 'timeToLiveOver',
  planUnreadable: 'planUnreadable',
} as const;
export type AlarmKind = (typeof AlarmKind)[keyof typeof AlarmKind];

/** The facts about a VM that the alarms need. */
export interface WatchedVm {
  readonly id: string;
  readonly name: string;
  readonly state: VmState;
  /** Time of the registry's last read. */
  readonly lastReadAt: string;
  /** `unread`: the read of its vault has failed just now. */
  readonly rpo: { readonly seconds: number; readonly at: string } | null | 'unread';
}

/** A drill after its time to live, with waiting steps that it gave up. */
export interface ExpiredDrill {
  readonly job: string;
  /** The message of each given-up step. */
  readonly givenUpSteps: readonly string[];
}

/** A VM with a test VM that exists for too long. */
export interface OverdueTestVm {
  readonly vm: string;
  readonly name: string;
  readonly since: string;
  /** The job with the lock on the VM. */
  readonly job: string | null;
}

/** The facts about a plan that the alarms need. */
export interface WatchedPlan {
  readonly planId: string;
  readonly name: string;
  readonly dataLossMinutes: number | null;
  readonly everyDays: number | null;
  /** The end of the last successful drill of the whole plan. Before the first: the plan's creation. */
  readonly lastDrill: { readonly at: string; readonly how: 'drilled' | 'made' } | null;
  readonly vms: readonly WatchedVm[];
  /** Ids that the registry no longer knows. */
  readonly missingVmIds: readonly string[];
  /** Reasons against a drill now; null: nobody plans a drill, so Lifeboat does not check. */
  readonly refusals: readonly string[] | null;
  /** Scheduled drills after their time to live, with a refused clean-up. */
  readonly notCleanedUp: readonly {
    readonly schedule: string;
    readonly since: string;
    readonly message: string;
  }[];
  readonly overdueTestVms: readonly OverdueTestVm[];
  readonly expiredDrills: readonly ExpiredDrill[];
}

/** `applies` null: unknown now, so an open alarm stays open. */
export interface AlarmFinding {
  readonly kind: AlarmKind;
  readonly vm: { readonly id: string; readonly name: string } | null;
  readonly applies: boolean | null;
  readonly message: string;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Site Recovery computes the RPO every few minutes. The registry updates every ten minutes. */
const STALE_AFTER_MS = 30 * MINUTE_MS;

/** All findings about a plan, whether they apply or not. */
export function alarmFindingsOf(plan: WatchedPlan, now: number): readonly AlarmFinding[] {
  return [
    ...(plan.everyDays === null ? [] : [drillAgeFinding(plan, plan.everyDays, now)]),
    ...(plan.refusals === null ? [] : [readinessFinding(plan.refusals)]),
    cleanUpFinding(plan),
    timeToLiveFinding(plan.expiredDrills),
    ...(plan.dataLossMinutes === null
      ? []
      : [
          ...plan.vms.flatMap((vm) => recoveryPointFindings(vm, plan.dataLossMinutes ?? 0, now)),
          ...plan.missingVmIds.map(missingVmFinding),
        ]),
  ];
}

function drillAgeFinding({ lastDrill }: WatchedPlan, days: number, now: number): AlarmFinding {
  const msSinceDrill = lastDrill ? now - Date.parse(lastDrill.at) : Infinity;
  const lastDrillText =
    lastDrill?.how === 'drilled'
      ? `The last drill of the whole plan that went well ended at ${lastDrill.at}`
      : `No drill of the whole plan has gone well since it was made${lastDrill ? ` at ${lastDrill.at}` : ''}`;
  return {
    kind: 'notDrilled',
    vm: null,
    applies: msSinceDrill > days * DAY_MS,
    message: `${lastDrillText}, and it is to be drilled every ${days} days.`,
  };
}

const MAX_LISTED = 5;
const moreReasonsText = ({ length }: readonly string[]): string =>
  length > MAX_LISTED ? ` And ${length - MAX_LISTED} reasons more.` : '';

const readinessFinding = (refusals: readonly string[]): AlarmFinding => ({
  kind: 'notReady',
  vm: null,
  applies: refusals.length > 0,
  message: `A drill would be refused now: ${refusals.slice(0, MAX_LISTED).join(' ')}${moreReasonsText(refusals)}`,
});

const firstTexts = (texts: readonly string[], moreText: string): string =>
  texts.slice(0, MAX_LISTED).join(' ') +
  (texts.length > MAX_LISTED ? ` And ${texts.length - MAX_LISTED} ${moreText}.` : '');

function cleanUpFinding({
  notCleanedUp,
  overdueTestVms,
}: Pick<WatchedPlan, 'notCleanedUp' | 'overdueTestVms'>): AlarmFinding {
  const drillTexts = notCleanedUp.map(
    ({ schedule, since, message }) => `of the schedule ${schedule}, since ${since}: ${message}`,
  );
  const message = [
    ...(drillTexts.length === 0
      ? []
      : [
          'The test VMs of a drill still exist, and Lifeboat cannot clean them up: ' +
            `${firstTexts(drillTexts, 'drills more')} Lifeboat tries again each minute.`,
        ]),
    ...(overdueTestVms.length === 0 ? [] : [firstTexts(overdueTestVms.map(overdueTestVmText), 'VMs more')]),
  ].join(' ');
  return { kind: 'notCleanedUp', vm: null, applies: drillTexts.length + overdueTestVms.length > 0, message };
}

const overdueTestVmText = ({ name, since, job }: OverdueTestVm): string =>
  `The test VM of ${name} is there since ${since}, and ${
    job === null
      ? 'no job cleans it up: send cleanUpTestFailover'
      : `${job} has not cleaned it up: look at that job`
  }.`;

/** The finding for an old test VM of a VM without a plan. */
export const overdueTestVmFinding = (testVm: OverdueTestVm): AlarmFinding => ({
  kind: 'notCleanedUp',
  vm: { id: testVm.vm, name: testVm.name },
  applies: true,
  message: overdueTestVmText(testVm),
});

/** The finding for expired drills of a plan. */
export const timeToLiveFinding = (drills: readonly ExpiredDrill[]): AlarmFinding => ({
  kind: 'timeToLiveOver',
  vm: null,
  applies: drills.length > 0,
  message: drills
    .map(
      ({ job, givenUpSteps }) =>
        `The time to live of the drill ${job} is over, and its test VMs are cleaned up. ` +
        firstTexts(givenUpSteps, 'steps more'),
    )
    .join(' '),
});

/** The finding for a plan that Lifeboat cannot read. Its other alarms stay as they are. */
export const unreadablePlanFinding = (reason: string): AlarmFinding => ({
  kind: 'planUnreadable',
  vm: null,
  applies: true,
  message:
    `Lifeboat cannot read the plan (${reason}), so nothing watches it and no job can run it. ` +
    'Save the plan again, or finish the deployment of the newer Lifeboat.',
});

const missingVmFinding = (id: string): AlarmFinding => ({
  kind: 'noData',
  vm: { id, name: id },
  applies: true,
  message:
    `The plan names the VM ${id}, and Lifeboat knows no replicated VM of that id any more: ` +
    'its RPO is unknown.',
});

/** A VM that does not replicate now, such as a failed-over VM, has no RPO to check. */
function recoveryPointFindings(
  { id, name, state, lastReadAt, rpo }: WatchedVm,
  minutes: number,
  now: number,
): readonly AlarmFinding[] {
  const vm = { id, name };
  const isReplicating =
    state === VmState.protected || state === VmState.testing || state === VmState.synchronising;
  const freshRpo =
    rpo !== 'unread' && rpo !== null && now - Date.parse(rpo.at) <= STALE_AFTER_MS ? rpo : null;
  const isStale = rpo === 'unread' ? now - Date.parse(lastReadAt) > STALE_AFTER_MS : freshRpo === null;
  const isUncertain = state === VmState.busy || (rpo === 'unread' && !isStale);
  const reason =
    rpo === 'unread'
      ? `its vault was last read at ${lastReadAt}`
      : rpo === null
        ? 'Site Recovery does not say'
        : `Site Recovery last computed it at ${rpo.at}`;
  return [
    {
      kind: 'noData',
      vm,
      applies: isUncertain ? null : isReplicating && isStale,
      message: `How far ${name} is behind is not known: ${reason}.`,
    },
    {
      kind: 'behindTarget',
      vm,
      applies: isUncertain ? null : !isReplicating ? false : freshRpo && freshRpo.seconds > minutes * 60,
      message:
        `${name} is ${freshRpo ? Math.ceil(freshRpo.seconds / 60) : '?'} minutes behind, and the ` +
        `plan's target is ${minutes}.`,
    },
  ];
}
