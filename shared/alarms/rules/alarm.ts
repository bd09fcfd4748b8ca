// What is wrong with a plan between its runs: not drilled for too long, VMs too far behind for its
// target, nothing known of them, not ready to be drilled, a drill whose time is over while somebody
// was waited for, or test VMs that stand too long.
import { VmState } from '../../scenarios/lifecycle.ts';

export const AlarmKind = {
  notDrilled: 'notDrilled',
  behindTarget: 'behindTarget',
  noData: 'noData',
  notReady: 'notReady',
  notCleanedUp: 'notCleanedUp',
  timeToLiveOver: 'timeToLiveOver',
} as const;
export type AlarmKind = (typeof AlarmKind)[keyof typeof AlarmKind];

export interface WatchedVm {
  readonly id: string;
  readonly name: string;
  readonly state: VmState;
  /** When the registry saw it last. */
  readonly seenAt: string;
  /** `unread`: its vault could not be read just now. */
  readonly rpo: { readonly seconds: number; readonly at: string } | null | 'unread';
}

/** A drill whose time to live is over, and which gave up something that waited. */
export interface DrillOver {
  readonly job: string;
  /** What each step that was given up says. */
  readonly waited: readonly string[];
}

/** A VM whose test VM is there for too long. */
export interface Standing {
  readonly vm: string;
  readonly name: string;
  readonly since: string;
  /** The job that holds it. */
  readonly job: string | null;
}

export interface WatchedPlan {
  readonly planId: string;
  readonly name: string;
  readonly dataLossMinutes: number | null;
  readonly everyDays: number | null;
  /** The end of the last drill of the whole plan that went well; before the first, when the plan was made. */
  readonly lastDrill: { readonly at: string; readonly how: 'drilled' | 'made' } | null;
  readonly vms: readonly WatchedVm[];
  /** Ids that the registry does not know any more. */
  readonly missing: readonly string[];
  /** Why a drill would be refused now; null: nobody asked, since none is planned. */
  readonly refusals: readonly string[] | null;
  /** Drills of schedules whose time to live is over, and whose clean-up was refused. */
  readonly notCleanedUp: readonly {
    readonly schedule: string;
    readonly since: string;
    readonly message: string;
  }[];
  readonly standing: readonly Standing[];
  readonly drillsOver: readonly DrillOver[];
}

/** `holds: null`: it cannot be told now, so what was said stays. */
export interface Finding {
  readonly kind: AlarmKind;
  readonly vm: { readonly id: string; readonly name: string } | null;
  readonly holds: boolean | null;
  readonly message: string;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Site Recovery reckons it every few minutes, and the registry confirms what it knows every ten. */
const STALE = 30 * MINUTE;

/** Everything that is watched of a plan, whether it holds or not. */
export function findingsOf(plan: WatchedPlan, now: number): readonly Finding[] {
  return [
    ...(plan.everyDays === null ? [] : [drilled(plan, plan.everyDays, now)]),
    ...(plan.refusals === null ? [] : [ready(plan.refusals)]),
    cleanedUp(plan),
    timeOver(plan.drillsOver),
    ...(plan.dataLossMinutes === null
      ? []
      : [
          ...plan.vms.flatMap((vm) => behind(vm, plan.dataLossMinutes ?? 0, now)),
          ...plan.missing.map(unknown),
        ]),
  ];
}

function drilled({ lastDrill }: WatchedPlan, days: number, now: number): Finding {
  const since = lastDrill ? now - Date.parse(lastDrill.at) : Infinity;
  const told =
    lastDrill?.how === 'drilled'
      ? `The last drill of the whole plan that went well ended at ${lastDrill.at}`
      : `No drill of the whole plan has gone well since it was made${lastDrill ? ` at ${lastDrill.at}` : ''}`;
  return {
    kind: 'notDrilled',
    vm: null,
    holds: since > days * DAY,
    message: `${told}, and it is to be drilled every ${days} days.`,
  };
}

const MOST_TOLD = 5;
const andMore = ({ length }: readonly string[]): string =>
  length > MOST_TOLD ? ` And ${length - MOST_TOLD} reasons more.` : '';

const ready = (refusals: readonly string[]): Finding => ({
  kind: 'notReady',
  vm: null,
  holds: refusals.length > 0,
  message: `A drill would be refused now: ${refusals.slice(0, MOST_TOLD).join(' ')}${andMore(refusals)}`,
});

const told = (all: readonly string[], more: string): string =>
  `${all.slice(0, MOST_TOLD).join(' ')}${all.length > MOST_TOLD ? ` And ${all.length - MOST_TOLD} ${more}.` : ''}`;

function cleanedUp({ notCleanedUp, standing }: Pick<WatchedPlan, 'notCleanedUp' | 'standing'>): Finding {
  const drills = notCleanedUp.map(
    ({ schedule, since, message }) => `of the schedule ${schedule}, since ${since}: ${message}`,
  );
  const message = [
    ...(drills.length === 0
      ? []
      : [
          'What a drill has brought up is still there, and cannot be cleaned up: ' +
            `${told(drills, 'drills more')} It is tried again each minute.`,
        ]),
    ...(standing.length === 0 ? [] : [told(standing.map(standingText), 'VMs more')]),
  ].join(' ');
  return { kind: 'notCleanedUp', vm: null, holds: drills.length + standing.length > 0, message };
}

const standingText = ({ name, since, job }: Standing): string =>
  `The test VM of ${name} is there since ${since}, and ${
    job === null
      ? 'no job cleans it up: send cleanUpTestFailover'
      : `${job} has not cleaned it up: look at that job`
  }.`;

/** Of VMs that are in no plan: each for itself. */
export const findingOfVm = (one: Standing): Finding => ({
  kind: 'notCleanedUp',
  vm: { id: one.vm, name: one.name },
  holds: true,
  message: standingText(one),
});

export const timeOver = (drills: readonly DrillOver[]): Finding => ({
  kind: 'timeToLiveOver',
  vm: null,
  holds: drills.length > 0,
  message: drills
    .map(
      ({ job, waited }) =>
        `The time to live of the drill ${job} is over, and its test VMs are cleaned up. ` +
        told(waited, 'steps more'),
    )
    .join(' '),
});

const unknown = (id: string): Finding => ({
  kind: 'noData',
  vm: { id, name: id },
  holds: true,
  message:
    `The plan names the VM ${id}, and Lifeboat knows no replicated VM of that id any more: ` +
    'how far it is behind cannot be told.',
});

/** Of a VM that does not replicate now, being failed over, nothing is expected. */
function behind(
  { id, name, state, seenAt, rpo }: WatchedVm,
  minutes: number,
  now: number,
): readonly Finding[] {
  const vm = { id, name };
  const replicates =
    state === VmState.protected || state === VmState.testing || state === VmState.synchronising;
  const known = rpo !== 'unread' && rpo !== null && now - Date.parse(rpo.at) <= STALE ? rpo : null;
  const silent = rpo === 'unread' ? now - Date.parse(seenAt) > STALE : known === null;
  const unsure = state === VmState.busy || (rpo === 'unread' && !silent);
  const why =
    rpo === 'unread'
      ? `its vault was last read at ${seenAt}`
      : rpo === null
        ? 'Site Recovery does not say'
        : `Site Recovery reckoned it last at ${rpo.at}`;
  return [
    {
      kind: 'noData',
      vm,
      holds: unsure ? null : replicates && silent,
      message: `How far ${name} is behind is not known: ${why}.`,
    },
    {
      kind: 'behindTarget',
      vm,
      holds: unsure ? null : !replicates ? false : known && known.seconds > minutes * 60,
      message:
        `${name} is ${known ? Math.ceil(known.seconds / 60) : '?'} minutes behind, and the ` +
        `plan's target is ${minutes}.`,
    },
  ];
}
