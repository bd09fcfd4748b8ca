// What an orchestrator asks of its host, as it stands on the wire.

export const ActionType = {
  callActivity: 0,
  callActivityWithRetry: 1,
  callSubOrchestrator: 2,
  callSubOrchestratorWithRetry: 3,
  continueAsNew: 4,
  createTimer: 5,
  waitForExternalEvent: 6,
  whenAny: 11,
  whenAll: 12,
} as const;

/** Actions that exist and that this host does not perform. */
const UNSUPPORTED_ACTIONS: Readonly<Record<number, string>> = {
  7: 'CallEntity',
  8: 'CallHttp',
  9: 'SignalEntity',
  10: 'ScheduledSignalEntity',
  13: 'LockEntities',
  14: 'ReleaseEntities',
};

export interface DurableRetryOptions {
  readonly firstRetryIntervalInMilliseconds: number;
  readonly maxNumberOfAttempts: number;
  readonly backoffCoefficient?: number;
  readonly maxRetryIntervalInMilliseconds?: number;
  readonly retryTimeoutInMilliseconds?: number;
}

export interface OrchestratorAction {
  readonly actionType: number;
  readonly functionName?: string;
  readonly input?: unknown;
  readonly instanceId?: string;
  readonly version?: string;
  readonly retryOptions?: DurableRetryOptions;
  readonly fireAt?: string | Date;
  readonly isCanceled?: boolean;
  readonly externalEventName?: string;
  readonly compoundActions?: readonly OrchestratorAction[];
}

/** The orchestrator asked for something that this host, or Azure, would not do as it expects. */
export class ActionError extends Error {
  override readonly name = 'ActionError';
}

export function unsupportedActionError(action: OrchestratorAction): ActionError {
  const name = UNSUPPORTED_ACTIONS[action.actionType] ?? String(action.actionType);
  return new ActionError(`the action ${name} is not known to this host`);
}

/**
 * Finds an action that stands twice in the list. The list carries no ids, so Azure would do it a
 * second time and number
 * everything after it differently from the SDK. Only objects as the SDK made them can tell; JSON text cannot.
 */
export function findRepeatedAction(
  actions: readonly OrchestratorAction[],
  seen = new Set<OrchestratorAction>(),
): OrchestratorAction | undefined {
  for (const action of actions) {
    if (seen.has(action)) return action;
    seen.add(action);
    const repeated = findRepeatedAction(action.compoundActions ?? [], seen);
    if (repeated) return repeated;
  }
  return undefined;
}
