// One look at the run of a plan: what has ended, what follows from that, who is asked, and what begins now.
import { clock } from '../core/clock.ts';
import { vaultAddressOf } from '../core/armId.ts';
import { TIME_TO_LIVE, type Graph } from '../plans/rules/graph.ts';
import { next, type Next } from '../plans/rules/next.ts';
import type { Phase } from '../core/words.ts';
import { isFinalJob } from '../core/states/job.ts';
import { isFinalStep, isLeftOverState, isAtTurn } from '../core/states/step.ts';
import { ErrorKind, type Fault } from '../core/errors.ts';
import { hold, messageOfHeld, targetsOf } from './held.ts';
import { makePlanOfRest } from './restOfGroup.ts';
import { answersOf } from '../journal/answers.ts';
import { readControl } from '../journal/control.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import { isSuperseded, readJob } from '../journal/job.ts';
import { openSteps, raiseSteps, saveStep, triedAgain } from '../journal/saveStep.ts';
import { isOpen, marksOf, stepsNamed, type Mark } from '../journal/steps.ts';
import { vaultArmIdOf } from '../replications/registry.ts';
import { graphFor } from './graphOfJob.ts';
import { tellNeeds } from './needs.ts';
import { controlOf, isTriedAgain, marksByNode, secondsToLimit, statesOf } from './standing.ts';

export interface AdvanceInput {
  readonly jobId: string;
  readonly epoch: number;
}

/** Where steps of a phase are open, and which of them begin now. */
export interface Turn {
  readonly phase: Exclude<Phase, 'action'>;
  readonly vaultId: string;
  readonly vaultArmId: string;
  readonly subscription: string;
  readonly startable: readonly string[];
  /** Done also in a run that was stopped. A history of older code does not tell it. */
  readonly always?: boolean;
}

export interface Advanced {
  readonly superseded: boolean;
  readonly over: boolean;
  readonly turns: readonly Turn[];
  /** How many actions and waits are open. */
  readonly acting: number;
  /** Until something is too late; null: nothing can be. */
  readonly nextSeconds: number | null;
}

/** Called once the time to live of a drill is over. */
export type TimeIsOver = (job: JobDocument, marks: readonly Mark[], now: Date) => Promise<void>;

/** More than these begin at the next look: what an activity answers must stay small. */
const MOST_OPENED = 500;
const AT_ONCE = 16;

export async function advancePlan(input: AdvanceInput, timeIsOver: TimeIsOver): Promise<Advanced> {
  const { jobId, epoch } = input;
  const [job, control, marks, answers] = await Promise.all([
    readJob(jobId),
    readControl(jobId),
    marksOf(jobId),
    answersOf(jobId),
  ]);
  if (
    !job ||
    isSuperseded(job, epoch) ||
    isFinalJob(job.state) ||
    marks.some((mark) => mark.epoch > epoch && !isFinalStep(mark.state))
  )
    return SUPERSEDED;
  const now = await clock().now();
  // A step that failed before a take-over keeps its epoch, and is open again once a person has wanted that.
  const older = marks.filter((mark) => mark.epoch < epoch && !isFinalStep(mark.state));
  if (older.length > 0) {
    await raiseSteps(
      jobId,
      (
        await readMany(
          jobId,
          older.map(({ id }) => id),
        )
      ).filter(isOpen),
      epoch,
    );
    return advancePlan(input, timeIsOver);
  }
  const again = marks.filter((mark) => isTriedAgain(mark, answers));
  if (again.length > 0) {
    await tryAgain(jobId, await withTheirVms(job, again, now), now);
    return advancePlan(input, timeIsOver);
  }
  const graph = await graphFor(job);
  const byNode = marksByNode(marks);
  const said = next(graph, statesOf(graph, byNode, now), controlOf(control, answers, byNode));
  const left = await leaveOut(
    jobId,
    [...skipped(said, byNode), ...unbegun(said, marks), ...strays(graph, marks)],
    now,
  );
  const opened = await open(jobId, said, byNode, { marks, now });
  // What goes wrong here, the timer of the alarms finds.
  if (said.stoppedBy === TIME_TO_LIVE) await timeIsOver(job, marks, now).catch(() => undefined);
  await tellNeeds(job, graph, byNode, said.asking, now);
  const running = marks.filter(({ state }) => isAtTurn(state));
  return {
    superseded: false,
    over: said.over !== null && left && running.length === 0,
    turns: await turnsOf(running, opened.steps),
    acting: running.filter(isAside).length + opened.steps.filter(isAside).length,
    nextSeconds: opened.more || !left ? 0 : secondsToLimit(graph, byNode, now),
  };
}

const SUPERSEDED: Advanced = { superseded: true, over: false, turns: [], acting: 0, nextSeconds: null };
const isAside = ({ phase }: Pick<Mark, 'phase'>): boolean => phase === 'action';

type Left = { readonly mark: Mark; readonly error: Fault; readonly state: 'skipped' | 'failed' };

const skipped = ({ skip }: Next, byNode: ReadonlyMap<string, Mark>): Left[] =>
  skip.flatMap(({ id, code, why }) => {
    const mark = byNode.get(id);
    return mark
      ? [{ mark, state: 'skipped' as const, error: { kind: ErrorKind.rejected, code, message: why } }]
      : [];
  });

/** Test failovers whose turn had come when the drill's time was over, and which Azure knows nothing of. */
function unbegun({ stoppedBy }: Next, marks: readonly Mark[]): Left[] {
  if (stoppedBy !== TIME_TO_LIVE) return [];
  const error = {
    kind: ErrorKind.rejected,
    code: 'TimeToLiveOver',
    message: "Not begun, because the drill's time to live was over.",
  };
  const waiting = marks.filter(
    ({ node, state, phase, always }) => node !== null && state === 'waiting' && phase !== 'action' && !always,
  );
  return waiting.map((mark) => ({ mark, error, state: 'skipped' }));
}

/** A walk that died while it laid out may have seen the VMs otherwise than they stand in the graph. */
function strays({ nodes }: Graph, marks: readonly Mark[]): Left[] {
  const [known, used] = [new Set(nodes.map(({ id }) => id)), new Set(marksByNode(marks).values())];
  const error = {
    kind: ErrorKind.rejected,
    code: 'NotInPlan',
    message: 'Laid out before the VMs were held, and not a part of the run.',
  };
  return marks
    .filter(
      (mark) => mark.node !== null && mark.state === 'planned' && (!known.has(mark.node) || !used.has(mark)),
    )
    .map((mark) => ({ mark, error, state: 'skipped' }));
}

/** False when somebody else wrote one of them at the same time. */
async function leaveOut(jobId: string, left: readonly Left[], now: Date): Promise<boolean> {
  const byId = new Map(left.map((one) => [one.mark.id, one]));
  const steps = await readMany(jobId, [...byId.keys()]);
  let done = steps.length === byId.size;
  await sideBySide(steps, async (step) => {
    const one = byId.get(step.id);
    if (!one || isFinalStep(step.state)) return;
    // Decided for the step as it stood in its mark: one that has begun since is not left out.
    if (step.state !== one.mark.state || step.tries !== one.mark.tries) {
      done = false;
      return;
    }
    const saved = await saveStep(
      step,
      {
        step: { state: one.state, error: one.error, endedAt: now.toISOString(), waitsFor: null },
        log: one.error.message,
      },
      now,
    );
    done &&= saved !== undefined;
  });
  return done;
}

interface Opened {
  readonly steps: readonly Pick<StepDocument, 'phase' | 'vaultId' | 'targetId' | 'always'>[];
  /** There is more to do at once. */
  readonly more: boolean;
}

async function open(
  jobId: string,
  { start }: Next,
  byNode: ReadonlyMap<string, Mark>,
  { marks, now }: { readonly marks: readonly Mark[]; readonly now: Date },
): Promise<Opened> {
  const parts = marks.filter(({ node }) => node === null);
  const unmade = new Map(
    parts.filter(({ state }) => isLeftOverState(state)).map((mark) => [mark.targetId, mark]),
  );
  // What is left of a torn group may need a plan of its own, which is made while the others go on.
  const making = new Set(parts.filter(({ state }) => !isFinalStep(state)).map(({ targetId }) => targetId));
  const atTurn = start
    .slice(0, MOST_OPENED)
    .flatMap(({ id }) => byNode.get(id) ?? [])
    .filter(({ needs }) => !needs.some((id) => making.has(id)));
  const meant = [...parts.filter(({ state }) => state === 'planned'), ...atTurn];
  const lacking = meant.flatMap((mark): Left[] => {
    const part = mark.needs.map((id) => unmade.get(id)).find((one) => one !== undefined);
    return part ? [{ mark, state: 'failed', error: partMissing(part) }] : [];
  });
  const failed = new Set(lacking.map(({ mark }) => mark.id));
  await leaveOut(jobId, lacking, now);
  const steps = await readMany(
    jobId,
    meant.map(({ id }) => id).filter((id) => !failed.has(id)),
  );
  const opened = await openSteps(
    jobId,
    steps.filter(({ state }) => state === 'planned'),
  );
  return {
    steps: opened,
    more: start.length > MOST_OPENED || lacking.length > 0 || opened.length < steps.length,
  };
}

const partMissing = ({ error, state }: Mark): Fault => ({
  kind: ErrorKind.rejected,
  code: 'PartMissing',
  message:
    `What it needs could not be made (${state}${error ? `: ${error.message}` : ''}). Nothing ` +
    'was started.',
});

async function tryAgain(jobId: string, marks: readonly Mark[], now: Date): Promise<void> {
  const triesOf = new Map(marks.map(({ id, tries }) => [id, tries]));
  for (const step of await readMany(
    jobId,
    marks.map(({ id }) => id),
  )) {
    // A person's word is good for one try.
    if (step.state !== 'failed' || step.tries !== triesOf.get(step.id)) continue;
    await saveStep(
      step,
      {
        step: { ...triedAgain(step), ...(await makePlanOfRest(step, now)) },
        mover: 'person',
        log: 'Tried again, as a person has said.',
      },
      now,
    );
  }
}

/**
 * A step that failed because another job held its VM needs that VM first.
 * While the other job has it, the step stays failed, and a person is asked anew.
 */
async function withTheirVms(job: JobDocument, marks: readonly Mark[], now: Date): Promise<readonly Mark[]> {
  const free: Mark[] = [];
  for (const mark of marks) {
    const [step] = mark.error?.code === 'VmHeld' ? await readMany(job.jobId, [mark.id]) : [];
    const blocked = step ? await hold(job, targetsOf([step]), now, () => false) : [];
    if (!step || blocked.length === 0) {
      free.push(mark);
      continue;
    }
    const error = { kind: ErrorKind.rejected, code: 'VmHeld', message: messageOfHeld(blocked) };
    const endedAt = now.toISOString();
    await saveStep(step, { step: { tries: step.tries + 1, error, endedAt }, log: error.message }, now);
  }
  return free;
}

/** Where something is open, and what begins there now. */
async function turnsOf(running: readonly Mark[], opened: Opened['steps']): Promise<readonly Turn[]> {
  const open = [
    ...running.map((mark) => ({ ...mark, begins: false })),
    ...opened.map((step) => ({ ...step, begins: true })),
  ].filter((one) => !isAside(one));
  const places = [...Map.groupBy(open, ({ phase, vaultId }) => `${phase} ${vaultId}`).values()];
  return Promise.all(
    places.map(async (steps): Promise<Turn> => {
      const [{ phase, vaultId } = { phase: 'failover', vaultId: '' }] = steps;
      const vaultArmId = await vaultArmIdOf(vaultId);
      return {
        phase: phase as Turn['phase'],
        vaultId,
        vaultArmId,
        subscription: vaultAddressOf(vaultArmId).subscription,
        startable: steps.filter(({ begins }) => begins).map(({ targetId }) => targetId),
        always: steps.every(({ always }) => always),
      };
    }),
  );
}

async function readMany(jobId: string, ids: readonly string[]) {
  return ids.length === 0 ? [] : stepsNamed(jobId, ids);
}

async function sideBySide<T>(list: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = [...list];
  const worker = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
