// Ids: some derived, so that a second try meets the first one's; the others random.
import { createHash, randomUUID } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** 26 letters and digits (130 bits) that stand for these parts, and for no others. */
function deriveId(parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  let text = '';
  for (let bit = 0; text.length < 26; bit += 5) {
    const twoBytes = ((digest[bit >> 3] ?? 0) << 8) | (digest[(bit >> 3) + 1] ?? 0);
    text += ALPHABET.charAt((twoBytes >> (11 - (bit & 7))) & 31);
  }
  return text;
}

/** The same caller with the same key always means the same job. */
export const jobIdOf = (tenant: string, caller: string, key: string): string =>
  `job-${deriveId([tenant, caller, key])}`;

/** Lifeboat's own id of a replicated VM: unlike its ARM id it stays. */
export const vmIdOf = (vaultId: string, lifecycleId: string): string =>
  `vm-${deriveId([vaultId, lifecycleId.toLowerCase()])}`;

/**
 * What a failed attempt to replicate a VM has left behind, which never gets a lifecycle id; it does
 * not move either.
 */
export const failedItemIdOf = (itemId: string): string =>
  `vm-${deriveId(['leftOver', itemId.toLowerCase()])}`;

/** A VM that is to be replicated in a vault: what a job holds until it has an id of its own. */
export const sourceIdOf = (vaultId: string, sourceVmId: string): string =>
  `source-${deriveId([vaultId, sourceVmId.toLowerCase()])}`;

/** A part of the ground, as the target of a step. */
export const prerequisiteIdOf = (armId: string): string => `part-${deriveId([armId.toLowerCase()])}`;

/** A multi-VM group, as the target of a step. */
export const groupTargetIdOf = (vaultId: string, groupId: string): string =>
  `group-${deriveId([vaultId, groupId.toLowerCase()])}`;

const OWN_PLAN_PREFIX = 'lifeboat-';
/** Of the native plan through which these items go together. */
export const groupPlanNameOf = (itemIds: readonly string[]): string =>
  `${OWN_PLAN_PREFIX}${deriveId(itemIds.map((id) => id.toLowerCase()).sort()).slice(0, 20)}`;
/**
 * Of the one for those who are left of a torn group. A test leaves its plan waiting for a clean-up
 * that may come another way: no failover shall meet that.
 */
export const remainingGroupPlanNameOf = (phase: string, itemIds: readonly string[]): string =>
  groupPlanNameOf(phase === 'testFailover' ? [...itemIds, phase] : itemIds);
/** Made by Lifeboat for itself, and nobody's plan. */
export const isLifeboatPlanName = (name: string): boolean => /^lifeboat-[a-z2-7]{20}$/i.test(name);

/** A vault's key in the registry: ARM ids have slashes, which document ids may not. */
export const vaultKeyOf = (armId: string): string => `vault-${deriveId([armId.toLowerCase()])}`;

/** A plan that was made in Site Recovery, by its ARM id. */
export const nativePlanIdOf = (armId: string): string => `plan-${deriveId([armId.toLowerCase()])}`;

/** One life of an alert, by who sends it and the sender's own id: however often it is sent, it is one. */
export const alertIdOf = (sender: string, id: string, life = 1): string =>
  `alert-${deriveId(life === 1 ? [sender, id] : [sender, id, String(life)])}`;

/** As alerts were named before senders were told apart. */
export const legacyAlertIdOf = (source: string, id: string): string => `alert-${deriveId([source, id])}`;

/** What one rule decides about one alert: once. */
export const decisionIdOf = (rule: string, alertId: string): string =>
  `decision-${deriveId([rule, alertId])}`;

/** A nonce, and whose it is. */
export const nonceIdOf = (sender: string, nonce: string): string => `nonce-${deriveId([sender, nonce])}`;

/** The how-manyth alarm about one thing. */
export const alarmIdOf = (key: string, count: number): string => `alarm-${deriveId([key, String(count)])}`;
export const isAlarmStream = (stream: string): boolean => stream.startsWith('alarm-');

export const fingerprintOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex');

export const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');

export const newGuid = (): string => randomUUID();
