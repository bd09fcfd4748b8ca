// Calls an orchestrator function: the whole history goes in, the whole list of actions comes out.

import type { AppFunction } from '../app/functions.ts';
import { buildInputs } from '../app/inputs.ts';
import type { Invoke } from '../app/invoke.ts';
import { messageOf } from '../log.ts';
import type { OrchestratorAction } from './actions.ts';
import { toJson } from './payload.ts';

export interface OrchestratorInput {
  readonly instanceId: string;
  readonly parentInstanceId: string | null;
  /** JSON text. */
  readonly input: string;
  /** Members of a JSON array, without its brackets. */
  readonly history: string;
}

export interface OrchestratorReply {
  readonly actions: readonly OrchestratorAction[];
  readonly isDone: boolean;
  /** JSON text. */
  readonly output: string;
  readonly customStatus: string | null;
  /** The reason why the orchestrator failed. */
  readonly error: string | undefined;
}

interface OrchestratorState {
  readonly isDone: boolean;
  readonly actions: readonly (readonly OrchestratorAction[])[];
  readonly output?: unknown;
  readonly customStatus?: unknown;
  readonly error?: string;
}

/** In an error message, the state of a failing orchestrator follows this mark. */
export const STATE_MARKER = '$OutOfProcData$:';

/**
 * So long that the SDK never splits a timer. Every scheduler except Azure Storage does the same.
 */
export const NO_TIMER_LIMIT = '10675199.02:48:05';

/** Schema V3. SDKs that know more schemas than the first field can name read the second field. */
const PROTOCOL = {
  isReplaying: false,
  upperSchemaVersion: 1,
  upperSchemaVersionNew: 2,
  longRunningTimerIntervalDuration: NO_TIMER_LIMIT,
  maximumShortTimerDuration: NO_TIMER_LIMIT,
  // The protocol has the same spelling mistake.
  defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
};

/** Calls the orchestrator function once with the whole history. Returns its actions and its end. */
export async function askOrchestrator(
  invoke: Invoke,
  orchestrator: AppFunction,
  call: OrchestratorInput,
  durableClient: string,
): Promise<OrchestratorReply> {
  const { instanceId, parentInstanceId, input, history } = call;
  const rest = JSON.stringify({ instanceId, parentInstanceId, ...PROTOCOL }).slice(1);
  const trigger = { string: `{"history":[${history}],"input":${input},${rest}` };
  try {
    const { result } = await invoke({
      function: orchestrator.registered,
      inputs: buildInputs(orchestrator, trigger, durableClient),
    });
    return toReply(result as OrchestratorState);
  } catch (error) {
    const message = messageOf(error);
    const mark = message.indexOf(STATE_MARKER);
    if (mark >= 0) return toReply(JSON.parse(message.slice(mark + STATE_MARKER.length)) as OrchestratorState);
    return { actions: [], isDone: false, output: 'null', customStatus: null, error: message };
  }
}

function toReply(state: OrchestratorState): OrchestratorReply {
  return {
    actions: state.actions[0] ?? [],
    isDone: state.isDone,
    output: toJson(state.output),
    customStatus: state.customStatus === undefined ? null : toJson(state.customStatus),
    error: state.error,
  };
}
