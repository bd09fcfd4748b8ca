// The actions that an orchestrator returns to its host, in their wire format.

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

/** Actions of the protocol that this host does not perform. */
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

/** One action of an orchestrator, in its wire format. */
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

/**
 * The orchestrator asked for something that this host, or Azure, would not do as the app expects.
 */
export class ActionError extends Error {
  override readonly name = 'ActionError';
}

export function unsupportedActionError(action: OrchestratorAction): ActionError {
  const name = UNSUPPORTED_ACTIONS[action.actionType] ?? String(action.actionType);
  // For an action on an entity, `instanceId` is the entity.
  const target = action.instanceId === undefined ? '' : ` on ${action.instanceId}`;
  return new ActionError(`the action ${name}${target} is not known to this host`);
}

/**
 * Returns an action that appears twice in the list. The list carries no ids. Azure would therefore
 * perform the action twice and number all later tasks differently from the SDK. This check needs
 * the SDK's own objects: parsed JSON loses their identity.
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
