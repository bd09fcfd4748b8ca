// A script as a target: a managed run command in a machine. Its name depends on the attempt alone,
// so a later read finds the run command after a lost answer.
import { createHash } from 'node:crypto';
import { findRunCommandVm, findRunCommand, sendRunCommand } from '../../azure/runCommands.ts';
import { nameOf, subscriptionOf } from '../../core/armId.ts';
import { config } from '../../core/config.ts';
import { MAX_SCRIPT_CHARS, type ActionOf } from '../../plans/rules/action.ts';
import type { Fault } from '../../core/errors.ts';
import { sendRequest } from '../../delivery/outboundHttp.ts';
import type { StartDecision, Target } from './target.ts';
import type { WithEtag } from '../../store/cosmos.ts';
import type { AttemptDocument, StepDocument } from '../../journal/documents.ts';
import { readJob } from '../../journal/job.ts';
import { actionOf, rejectedFault } from '../actionContext.ts';
import { waitForBudget } from './waitForBudget.ts';
import { attemptGuidOf } from './attemptGuid.ts';
import { isDrill, findActiveVm } from './activeVm.ts';

/** The target of a `script` action. */
export const scriptTarget: Target = {
  startsJob: false,
  inspect,
  exists: async (step, attempt) =>
    (await findRunCommand(machineIdOf(step), runCommandNameOf(step, attempt))) !== undefined,
};

/** The machine that received the script: the VM may run elsewhere now. */
export const machineIdOf = (step: StepDocument): string => step.armIdBefore ?? '';
/** The name of the run command of an attempt. */
export const runCommandNameOf = (step: StepDocument, attempt: Pick<AttemptDocument, 'number'>): string =>
  `lifeboat-${attemptGuidOf(step, attempt)}`;

async function inspect(step: WithEtag<StepDocument>): Promise<StartDecision> {
  const action = actionOf(step, 'script');
  const text = await readScriptText(step, action);
  if (typeof text !== 'string') return text;
  const activeVm = action.on.startsWith('/')
    ? { machineId: action.on }
    : await findActiveVm(action.on, await readIsDrill(step));
  if ('fault' in activeVm) return { kind: 'refused', fault: activeVm.fault };
  if ('waitsFor' in activeVm) return { kind: 'wait', waitsFor: activeVm.waitsFor };
  const { machineId } = activeVm;
  const machine = await findRunCommandVm(machineId);
  if (!machine)
    return refusedDecision(
      'MachineUnknown',
      `${step.targetName} should run in ${machineId}, but that machine does not exist.`,
    );
  const shell = machine.osType === 'Windows' ? 'powershell' : 'bash';
  if (action.shell !== shell)
    return refusedDecision(
      'OtherShell',
      `${step.targetName} is written for ${action.shell}, but ${nameOf(machineId)} runs ${machine.osType}.`,
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
          runCommandNameOf(step, { number }),
          { location: machine.location, text, timeoutSeconds },
          clientRequestId,
          deadline,
        ),
    }
  );
}

const refusedDecision = (code: string, reason: string): StartDecision => ({
  kind: 'refused',
  fault: nothingSentFault(code, reason),
});
const nothingSentFault = (code: string, reason: string): Fault =>
  rejectedFault(code, `${reason} Nothing was sent.`);

async function readIsDrill({ jobId }: StepDocument): Promise<boolean> {
  const job = await readJob(jobId);
  if (!job) throw new Error(`Job ${jobId} is gone from the store.`);
  return isDrill(job);
}

/** Returns the script text only if its hash matches the reviewed hash in the plan. */
async function readScriptText(
  step: StepDocument,
  { text: inlineText, reference, sha256 }: ActionOf<'script'>,
): Promise<string | StartDecision> {
  const text = reference === undefined ? (inlineText ?? '') : await readReference(step, reference);
  if (typeof text !== 'string') return text;
  const actualHash = createHash('sha256').update(text).digest('hex');
  if (actualHash === sha256) return text;
  return refusedDecision(
    'ScriptChanged',
    `The text of ${step.targetName}${reference === undefined ? '' : ` at ${reference}`} is ` +
      `not the reviewed text: its hash is ${actualHash}, the plan has ${sha256}. Review the text, ` +
      'then write its hash into the plan.',
  );
}

async function readReference(step: StepDocument, reference: string): Promise<string | StartDecision> {
  if (new URL(reference).protocol !== 'https:')
    return refusedDecision(
      'ReferenceNotSecure',
      `The text of ${step.targetName} is at ${reference}, but Lifeboat reads scripts only by https.`,
    );
  const { LIFEBOAT_CALLBACKS: allowed, LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: timeoutSeconds } = config();
  const response = await sendRequest(
    { url: reference, method: 'GET', headers: { 'user-agent': 'Lifeboat' }, body: '' },
    { allowed, timeoutSeconds, maxBytes: 4 * MAX_SCRIPT_CHARS },
  );
  if (response.kind === 'refused')
    return refusedDecision(
      'AddressNotAllowed',
      `The text of ${step.targetName} was not read: ${response.reason}`,
    );
  if (response.kind !== 'answer')
    return { kind: 'wait', waitsFor: `${reference}, which does not answer: ${response.reason}` };
  if (response.status === 200) return response.text;
  if (response.status >= 500 || response.status === 408 || response.status === 429)
    return { kind: 'wait', waitsFor: `${reference}, which answers with ${response.status}` };
  return refusedDecision(
    'ScriptMissing',
    `The text of ${step.targetName} is not at ${reference}, which answers with ${response.status}.`,
  );
}
