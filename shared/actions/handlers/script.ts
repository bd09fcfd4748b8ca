// Handles script actions: a script in a VM, through Azure's run command.

import { findRunCommand, removeRunCommand } from '../../azure/runCommands.ts';
import { addSeconds } from '../../core/clock.ts';
import { config } from '../../core/config.ts';
import type { AttemptDocument, StepDocument } from '../../journal/documents.ts';
import { azureActionHandler, outputTail, type AzureActionState } from '../azureAction.ts';
import { machineIdOf, runCommandNameOf } from '../../attempts/targets/scriptTarget.ts';
import { rejectedFault } from '../../attempts/actionContext.ts';

const deleteRunCommand = (step: StepDocument, attempt: AttemptDocument): Promise<string | undefined> =>
  removeRunCommand(
    machineIdOf(step),
    runCommandNameOf(step, attempt),
    addSeconds(new Date(), config().LIFEBOAT_SEND_TIMEOUT_SECONDS),
  );
const runCommandText = (step: StepDocument, attempt: AttemptDocument): string =>
  `the run command ${runCommandNameOf(step, attempt)} of ${machineIdOf(step)}`;

export const scriptHandler = azureActionHandler({
  poll: pollRunCommand,
  async stop(step, attempt) {
    const deleteError = await deleteRunCommand(step, attempt);
    return deleteError === undefined
      ? `It was ended in Azure: ${runCommandText(step, attempt)} was deleted.`
      : `It may still run: ${runCommandText(step, attempt)} could not be deleted ` +
          `(${deleteError}). Delete it there.`;
  },
  async cleanUp(step, attempt) {
    const deleteError = await deleteRunCommand(step, attempt);
    return deleteError === undefined
      ? undefined
      : {
          code: 'ScriptNotDeleted',
          message:
            `${runCommandText(step, attempt)} could not be deleted (${deleteError}). It runs no ` +
            'more; delete it when there is time.',
        };
  },
});

async function pollRunCommand(step: StepDocument, attempt: AttemptDocument): Promise<AzureActionState> {
  const runCommand = await findRunCommand(machineIdOf(step), runCommandNameOf(step, attempt));
  if (!runCommand) return { state: 'gone' };
  const output = outputTail(runCommand.output, runCommand.error);
  const location = `in ${machineIdOf(step)}`;
  switch (runCommand.state) {
    case 'Succeeded':
      if (runCommand.exitCode === 0)
        return { state: 'succeeded', output, message: `The script has ended well ${location}.` };
      return { state: 'failed', output, fault: exitCodeFault(step, runCommand.exitCode, location) };
    case 'Failed':
      return { state: 'failed', output, fault: exitCodeFault(step, runCommand.exitCode, location) };
    case 'TimedOut':
    case 'Canceled':
      return {
        state: 'failed',
        output,
        fault: rejectedFault(
          runCommand.state === 'TimedOut' ? 'TimedOut' : 'ScriptCancelled',
          `${step.targetName} was ` +
            `${runCommand.state === 'TimedOut' ? 'not over in its time, and ended by Azure' : 'cancelled'} ` +
            `${location}.`,
        ),
      };
    default:
      if (runCommand.provisioning !== 'Failed') return { state: 'runs', waitsFor: null };
      return {
        state: 'failed',
        output,
        fault: rejectedFault(
          'ScriptNotRun',
          `Azure could not run ${step.targetName} ` +
            `${location}${runCommand.message === '' ? '.' : `: ${runCommand.message}`}`,
        ),
      };
  }
}

const exitCodeFault = ({ targetName }: StepDocument, exitCode: number, where: string) =>
  rejectedFault(
    'ScriptFailed',
    `${targetName} has ended with exit code ${exitCode} ${where}. Its output shows what it wrote last.`,
  );
