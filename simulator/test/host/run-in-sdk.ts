// Runs an orchestrator in the SDK itself, without a host, and reads the SDK's own counters.

import { InvocationContext } from '@azure/functions';
import type { OrchestrationContext, Task } from 'durable-functions';
import type { OrchestratorAction } from '../../host/durable/actions.ts';
import { toJson } from '../../host/durable/payload.ts';

interface Executor {
  readonly openTasks: Record<string, unknown>;
  readonly sequenceNumber: number;
}

export interface SdkRun {
  readonly actions: readonly OrchestratorAction[];
  readonly isEnded: boolean;
  /** JSON text. */
  readonly output: string;
  readonly openTasks: number[];
  readonly sequence: number;
}

type Handler = (
  input: unknown,
  context: InvocationContext,
) => Promise<{ actions: OrchestratorAction[][]; isDone: boolean; output: unknown }>;
// The SDK does not export its executor. The tests compare its counters.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { createOrchestrator } = require('durable-functions/lib/src/util/testingUtils.js') as {
  createOrchestrator: (program: unknown) => Handler;
};

export type Program = (context: OrchestrationContext) => Generator<Task, unknown>;

/** `history` has the host's format: members of a JSON array, without its brackets. */
export async function runInSdk(program: Program, historyText: string): Promise<SdkRun> {
  const context = new InvocationContext();
  const history = JSON.parse(`[${historyText}]`) as unknown;
  const trigger = {
    history,
    input: null,
    instanceId: 'i',
    isReplaying: false,
    parentInstanceId: null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 2,
    longRunningTimerIntervalDuration: '10675199.02:48:05',
    maximumShortTimerDuration: '10675199.02:48:05',
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
  };
  let actions: OrchestratorAction[];
  let ended: boolean;
  let output = 'null';
  try {
    const state = await createOrchestrator(program)(trigger, context);
    actions = state.actions[0] ?? [];
    ended = state.isDone;
    output = toJson(state.output);
  } catch (error) {
    const [, json] = (error as Error).message.split('$OutOfProcData$:');
    if (json === undefined) throw error;
    actions = (JSON.parse(json) as { actions: OrchestratorAction[][] }).actions[0] ?? [];
    ended = true;
  }
  const { taskOrchestratorExecutor: executor } = (
    context as unknown as { df: { taskOrchestratorExecutor: Executor } }
  ).df;
  return {
    actions,
    isEnded: ended,
    output,
    openTasks: Object.keys(executor.openTasks).map(Number),
    sequence: executor.sequenceNumber,
  };
}
