// A script, as the attempt protocol sees it: a managed run command in a machine, under a name that
// follows from the attempt.
import { createHash } from 'node:crypto';
import { findMachine, findRunCommand, sendRunCommand } from '../../azure/runCommands.ts';
import { nameOf, subscriptionOf } from '../../core/armId.ts';
import { config } from '../../core/config.ts';
import { MOST_SCRIPT, type ActionOf } from '../../plans/rules/action.ts';
import type { Fault } from '../../core/errors.ts';
import { call } from '../../delivery/outbound.ts';
import type { Sight, Target } from './target.ts';
import type { Stored } from '../../store/cosmos.ts';
import type { AttemptDocument, StepDocument } from '../../journal/documents.ts';
import { readJob } from '../../journal/job.ts';
import { actionOf, rejected } from '../turn.ts';
import { waitForBudget } from './budget.ts';
import { guidOfAttempt } from './names.ts';
import { isDrill, whereIs } from './whereabouts.ts';

export const scriptTarget: Target = {
  startsJob: false,
  look,
  isThere: async (step, attempt) =>
    (await findRunCommand(machineIdOf(step), runCommandOf(step, attempt))) !== undefined,
};

/** Where it was sent: the VM may run elsewhere since. */
export const machineIdOf = (step: StepDocument): string => step.armIdBefore ?? '';
export const runCommandOf = (step: StepDocument, attempt: Pick<AttemptDocument, 'number'>): string =>
  `lifeboat-${guidOfAttempt(step, attempt)}`;

async function look(step: Stored<StepDocument>): Promise<Sight> {
  const action = actionOf(step, 'script');
  const text = await textOf(step, action);
  if (typeof text !== 'string') return text;
  const where = action.on.startsWith('/')
    ? { machineId: action.on }
    : await whereIs(action.on, await drillOf(step));
  if ('fault' in where) return { kind: 'refused', fault: where.fault };
  if ('waitsFor' in where) return { kind: 'wait', waitsFor: where.waitsFor };
  const { machineId } = where;
  const machine = await findMachine(machineId);
  if (!machine)
    return refused('MachineUnknown', `${step.targetName} is to run in ${machineId}, which is not there.`);
  const shell = machine.osType === 'Windows' ? 'powershell' : 'bash';
  if (action.shell !== shell)
    return refused(
      'OtherShell',
      `${step.targetName} is written for ${action.shell}, and ${nameOf(machineId)} runs ${machine.osType}.`,
    );
  if (!machine.running)
    return { kind: 'wait', waitsFor: `${nameOf(machineId)}, which does not run (${machine.power})` };
  if (machine.agentReady === false)
    return { kind: 'wait', waitsFor: `Azure's agent in ${nameOf(machineId)}, which does not answer yet` };
  const timeoutSeconds = action.timeoutMinutes === undefined ? null : Math.ceil(action.timeoutMinutes * 60);
  return (
    (await waitForBudget(step, subscriptionOf(machineId))) ?? {
      kind: 'start',
      armIdBefore: machineId,
      armIdAfter: machineId,
      send: (clientRequestId, deadline, number) =>
        sendRunCommand(
          machineId,
          runCommandOf(step, { number }),
          { location: machine.location, text, timeoutSeconds },
          clientRequestId,
          deadline,
        ),
    }
  );
}

const refused = (code: string, why: string): Sight => ({ kind: 'refused', fault: nothingSent(code, why) });
const nothingSent = (code: string, why: string): Fault => rejected(code, `${why} Nothing was sent.`);

async function drillOf({ jobId }: StepDocument): Promise<boolean> {
  const job = await readJob(jobId);
  if (!job) throw new Error(`Job ${jobId} is gone from the store.`);
  return isDrill(job);
}

/** What was reviewed, letter by letter, or nothing. */
async function textOf(
  step: StepDocument,
  { text: written, reference, sha256 }: ActionOf<'script'>,
): Promise<string | Sight> {
  const text = reference === undefined ? (written ?? '') : await readReference(step, reference);
  if (typeof text !== 'string') return text;
  const is = createHash('sha256').update(text).digest('hex');
  if (is === sha256) return text;
  return refused(
    'ScriptChanged',
    `The text of ${step.targetName}${reference === undefined ? '' : ` at ${reference}`} is ` +
      `not the one that was reviewed: its hash is ${is}, the plan's is ${sha256}. Have it ` +
      'reviewed, and write its hash into the plan.',
  );
}

async function readReference(step: StepDocument, reference: string): Promise<string | Sight> {
  if (new URL(reference).protocol !== 'https:')
    return refused(
      'ReferenceNotSecure',
      `The text of ${step.targetName} would be read from ${reference}; scripts are read by https alone.`,
    );
  const { LIFEBOAT_CALLBACKS: allowed, LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: timeoutSeconds } = config();
  const heard = await call(
    { url: reference, method: 'GET', headers: { 'user-agent': 'Lifeboat' }, body: '' },
    { allowed, timeoutSeconds, mostBytes: 4 * MOST_SCRIPT },
  );
  if (heard.kind === 'refused')
    return refused('AddressNotAllowed', `The text of ${step.targetName} was not read: ${heard.why}`);
  if (heard.kind !== 'answer')
    return { kind: 'wait', waitsFor: `${reference}, which does not answer: ${heard.why}` };
  if (heard.status === 200) return heard.text;
  if (heard.status >= 500 || heard.status === 408 || heard.status === 429)
    return { kind: 'wait', waitsFor: `${reference}, which answers with ${heard.status}` };
  return refused(
    'ScriptMissing',
    `The text of ${step.targetName} is not at ${reference}, which answers with ${heard.status}.`,
  );
}
