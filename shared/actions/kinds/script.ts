// A script in a machine, through Azure's agent there.
import { findRunCommand, removeRunCommand } from '../../azure/runCommands.ts';
import { later } from '../../core/clock.ts';
import { config } from '../../core/config.ts';
import type { AttemptDocument, StepDocument } from '../../journal/documents.ts';
import { inAzure, tail, type Seen } from '../inAzure/running.ts';
import { machineIdOf, runCommandOf } from '../../attempts/targets/scriptTarget.ts';
import { rejected } from '../../attempts/turn.ts';

const remove = (step: StepDocument, attempt: AttemptDocument): Promise<string | undefined> =>
  removeRunCommand(
    machineIdOf(step),
    runCommandOf(step, attempt),
    later(new Date(), config().LIFEBOAT_SEND_TIMEOUT_SECONDS),
  );
const nameIn = (step: StepDocument, attempt: AttemptDocument): string =>
  `the run command ${runCommandOf(step, attempt)} of ${machineIdOf(step)}`;

export const script = inAzure({
  see,
  async stop(step, attempt) {
    const why = await remove(step, attempt);
    return why === undefined
      ? `It was ended in Azure: ${nameIn(step, attempt)} was deleted.`
      : `It may still run: ${nameIn(step, attempt)} could not be deleted (${why}). Delete it there.`;
  },
  async tidy(step, attempt) {
    const why = await remove(step, attempt);
    return why === undefined
      ? undefined
      : {
          code: 'ScriptNotDeleted',
          message:
            `${nameIn(step, attempt)} could not be deleted (${why}). It runs no more; delete it when ` +
            'there is time.',
        };
  },
});

async function see(step: StepDocument, attempt: AttemptDocument): Promise<Seen> {
  const seen = await findRunCommand(machineIdOf(step), runCommandOf(step, attempt));
  if (!seen) return { state: 'gone' };
  const output = tail(seen.output, seen.error);
  const where = `in ${machineIdOf(step)}`;
  switch (seen.state) {
    case 'Succeeded':
      if (seen.exitCode === 0)
        return { state: 'succeeded', output, said: `The script has ended well ${where}.` };
      return { state: 'failed', output, fault: badExit(step, seen.exitCode, where) };
    case 'Failed':
      return { state: 'failed', output, fault: badExit(step, seen.exitCode, where) };
    case 'TimedOut':
    case 'Canceled':
      return {
        state: 'failed',
        output,
        fault: rejected(
          seen.state === 'TimedOut' ? 'TimedOut' : 'ScriptCancelled',
          `${step.targetName} was ` +
            `${seen.state === 'TimedOut' ? 'not over in its time, and ended by Azure' : 'cancelled'} ` +
            `${where}.`,
        ),
      };
    default:
      if (seen.provisioning !== 'Failed') return { state: 'runs', waitsFor: null };
      return {
        state: 'failed',
        output,
        fault: rejected(
          'ScriptNotRun',
          `Azure could not run ${step.targetName} ${where}${seen.message === '' ? '.' : `: ${seen.message}`}`,
        ),
      };
  }
}

const badExit = ({ targetName }: StepDocument, exitCode: number, where: string) =>
  rejected(
    'ScriptFailed',
    `${targetName} has ended with exit code ${exitCode} ${where}. Its output shows what it wrote last.`,
  );
