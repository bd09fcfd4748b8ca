// Creates ids. Most ids derive from their parts, so that a second attempt gets the id of the first.
// The others are random.
import { createHash, randomUUID } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** Returns 26 letters and digits (130 bits) for these parts. Other parts give another id. */
function deriveId(parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  let text = '';
  for (let bit = 0; text.length < 26; bit += 5) {
    const twoBytes = ((digest[bit >> 3] ?? 0) << 8) | (digest[(bit >> 3) + 1] ?? 0);
    text += ALPHABET.charAt((twoBytes >> (11 - (bit & 7))) & 31);
  }
  return text;
}

/** Returns the job id: the same caller with the same key always gets the same job. */
export const jobIdOf = (tenant: string, caller: string, key: string): string =>
  `job-${deriveId([tenant, caller, key])}`;

/** Returns Lifeboat's id of a replicated VM. This id stays the same when the ARM id changes. */
export const vmIdOf = (vaultId: string, lifecycleId: string): string =>
  `vm-${deriveId([vaultId, lifecycleId.toLowerCase()])}`;

/**
 * Returns the id of the item that a failed enabling left behind. Such an item never gets a
 * lifecycle id, and its ARM id does not change.
 */
export const failedItemIdOf = (itemId: string): string =>
  `vm-${deriveId(['leftOver', itemId.toLowerCase()])}`;

/**
 * Returns the id of a VM before its replication. A job locks this id until the VM has an id of its
 * own.
 */
export const sourceIdOf = (vaultId: string, sourceVmId: string): string =>
  `source-${deriveId([vaultId, sourceVmId.toLowerCase()])}`;

/** Returns the id of a prerequisite as the target of a step. */
export const prerequisiteIdOf = (armId: string): string => `part-${deriveId([armId.toLowerCase()])}`;

/** Returns the id of a multi-VM group as the target of a step. */
export const groupTargetIdOf = (vaultId: string, groupId: string): string =>
  `group-${deriveId([vaultId, groupId.toLowerCase()])}`;

const OWN_PLAN_PREFIX = 'lifeboat-';
/** Returns the name of the native plan that moves these items together. */
export const groupPlanNameOf = (itemIds: readonly string[]): string =>
  `${OWN_PLAN_PREFIX}${deriveId(itemIds.map((id) => id.toLowerCase()).sort()).slice(0, 20)}`;
/**
 * Returns the name of the native plan for the remaining items of a partially completed group. After
 * a test the native plan waits for a clean-up, and the clean-up may use another plan. A failover
 * must not use a waiting plan, so a test gets a plan of its own.
 */
export const remainingGroupPlanNameOf = (phase: string, itemIds: readonly string[]): string =>
  groupPlanNameOf(phase === 'testFailover' ? [...itemIds, phase] : itemIds);
/** True for a native plan that Lifeboat created for its own use, not for a user's plan. */
export const isLifeboatPlanName = (name: string): boolean => /^lifeboat-[a-z2-7]{20}$/i.test(name);

/**
 * Returns the vault's document id in the registry. ARM ids contain slashes, and document ids may
 * not.
 */
export const vaultKeyOf = (armId: string): string => `vault-${deriveId([armId.toLowerCase()])}`;

/** Returns the plan id of a native Site Recovery plan with this ARM id. */
export const nativePlanIdOf = (armId: string): string => `plan-${deriveId([armId.toLowerCase()])}`;

/**
 * Returns the id of one life of an alert, from the sender and the sender's own id. Repeated
 * deliveries of the alert get the same id.
 */
export const alertIdOf = (sender: string, id: string, life = 1): string =>
  `alert-${deriveId(life === 1 ? [sender, id] : [sender, id, String(life)])}`;

/** Returns the alert id of earlier versions, which did not separate senders. */
export const legacyAlertIdOf = (source: string, id: string): string => `alert-${deriveId([source, id])}`;

/** Returns the id of the only decision of one rule about one alert. */
export const decisionIdOf = (rule: string, alertId: string): string =>
  `decision-${deriveId([rule, alertId])}`;

/** Returns the name of the confirmation of one check, for one VM or one source. */
export const confirmationNameOf = (key: string): string => `check-${deriveId([key])}`;

/** Returns the document id of a sender's nonce. */
export const nonceIdOf = (sender: string, nonce: string): string => `nonce-${deriveId([sender, nonce])}`;

/** Returns the id of the alarm with this number for this key. */
export const alarmIdOf = (key: string, count: number): string => `alarm-${deriveId([key, String(count)])}`;
/** True when the event stream belongs to an alarm. */
export const isAlarmStream = (stream: string): boolean => stream.startsWith('alarm-');

/** Returns the SHA-256 hash of a value's JSON. */
export const fingerprintOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** Returns the SHA-256 hash of a text in hexadecimal digits. */
export const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Returns a random GUID. */
export const newGuid = (): string => randomUUID();
