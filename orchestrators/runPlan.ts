// Walks a plan's graph, round by round: what may begin is begun, within the write budget; whatever
// runs is followed; then it is asked anew.
import type { OrchestrationContext } from 'durable-functions';
import type { FollowedActions } from '../shared/actions/follow.ts';
import type { Grant, ReserveInput } from '../shared/attempts/grant.ts';
import type { Advanced, AdvanceInput, Turn } from '../shared/runs/advance.ts';
import type { Followed } from '../shared/attempts/follow.ts';
import { patiently, Wakeful, type Told } from './patiently.ts';
import { startWave } from './startWaves.ts';

/** After so many rounds the history is cut: what is open stands in the store. */
export const ROUNDS_IN_A_HISTORY = 30;
/** Where something did not begin at once. */
const SOON_SECONDS = 10;
/** People's wishes stand in the store; should no event wake the walk, it looks itself. */
const LONGEST_SLEEP_SECONDS = 240;

/** What this execution knows of the places where it is at work; what it forgets, the next look finds. */
interface Place extends Turn {
  /** Targets whose turn has come, and which the budget has not let through yet. */
  waiting: readonly string[];
  /** Story time in milliseconds of the next look. */
  due: number;
}

export function* runPlan(context: OrchestrationContext): Told<string> {
  const input = context.df.getInput<AdvanceInput>();
  const places = new Map<string, Place>();
  const wakeful = new Wakeful();
  let actionsDue = 0;
  for (let round = 0; round < ROUNDS_IN_A_HISTORY; round++) {
    const advanced = yield* patiently<Advanced>(context, 'advancePlan', input);
    if (advanced.superseded || advanced.over) return advanced.over ? 'over' : 'superseded';
    keepPlaces(places, advanced.turns);
    let pause = Math.min(LONGEST_SLEEP_SECONDS, advanced.nextSeconds ?? LONGEST_SLEEP_SECONDS);
    for (const place of places.values()) pause = Math.min(pause, yield* start(context, input, place));
    if (advanced.acting > 0 && actionsDue <= timeIn(context)) {
      const acted = yield* patiently<FollowedActions>(context, 'followActions', input);
      if (acted.superseded) return 'superseded';
      if (acted.open < advanced.acting) continue;
      actionsDue = timeIn(context) + acted.nextSeconds * 1000;
    }
    const due = Math.min(
      ...[...places.values()].map((place) => place.due),
      advanced.acting > 0 ? actionsDue : Infinity,
    );
    pause = Math.ceil(Math.min(pause, (due - timeIn(context)) / 1000));
    if (pause > 0 && (yield* wakeful.sleep(context, pause))) actionsDue = 0;
    for (const place of places.values()) {
      if (place.due <= timeIn(context) && !(yield* look(context, input, place))) return 'superseded';
    }
  }
  // An event that was not taken ends with this history: the next one looks at everything before it sleeps.
  context.df.continueAsNew(input);
  return 'continued';
}

const timeIn = (context: OrchestrationContext): number => context.df.currentUtcDateTime.getTime();
const keyOf = ({ phase, vaultId }: Turn): string => `${phase} ${vaultId}`;

/** Where nothing is open any more nobody looks. */
function keepPlaces(places: Map<string, Place>, turns: readonly Turn[]): void {
  const open = new Map(turns.map((turn) => [keyOf(turn), turn]));
  for (const key of [...places.keys()]) if (!open.has(key)) places.delete(key);
  for (const [key, turn] of open) {
    const known = places.get(key);
    places.set(key, {
      ...turn,
      waiting: [...new Set([...(known?.waiting ?? []), ...turn.startable])],
      due: known?.due ?? 0,
    });
  }
}

/** Seconds until the budget lets more through. */
function* start(context: OrchestrationContext, { jobId, epoch }: AdvanceInput, place: Place): Told<number> {
  // What a history of older code does not tell stays as that code took it to be.
  const { phase, vaultId, subscription, waiting, always = phase === 'cleanUpTestFailover' } = place;
  if (waiting.length === 0) return Infinity;
  const {
    granted,
    waitSeconds,
    held,
    firstLookSeconds = SOON_SECONDS,
  } = yield* patiently<Grant>(context, 'reserveWrites', {
    jobId,
    phase,
    subscription,
    want: waiting.length,
    always,
  } satisfies ReserveInput);
  if (granted > 0) {
    const accepted = yield* startWave(
      context,
      waiting.slice(0, granted).map((targetId) => ({ jobId, epoch, phase, vaultId, targetId })),
    );
    place.due = Math.min(
      place.due || Infinity,
      timeIn(context) + (accepted ? firstLookSeconds : SOON_SECONDS) * 1000,
    );
  }
  // Held up by a person: the follower says when to go on.
  place.waiting = held ? [] : waiting.slice(granted);
  return place.waiting.length > 0 ? waitSeconds : Infinity;
}

/** False when another epoch has the job. */
function* look(context: OrchestrationContext, { jobId, epoch }: AdvanceInput, place: Place): Told<boolean> {
  const { phase, vaultId, vaultArmId } = place;
  const followed = yield* patiently<Followed>(context, 'follow', {
    jobId,
    epoch,
    phase,
    vaultId,
    vaultArmId,
  });
  place.waiting = followed.startable;
  place.due =
    timeIn(context) +
    (followed.lookSeconds ?? Math.max(followed.nextSeconds, place.waiting.length > 0 ? SOON_SECONDS : 0)) *
      1000;
  return !followed.superseded;
}
