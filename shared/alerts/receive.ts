// Saves each alert once, before any rule decides about it, and records the end of the alert. The
// alert webhook calls this module. It must not evaluate rules.
import { clock } from '../core/clock.ts';
import type { Alert } from './rules/alert.ts';
import { AlertChange, alertChangeOf } from './rules/alertChange.ts';
import { rejected, transient } from '../core/errors.ts';
import { alertIdOf, legacyAlertIdOf } from '../core/ids.ts';
import { createAlert, readAlert, saveAlert } from './store.ts';
import type { WithEtag } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { AlertDocument } from './documents.ts';
import type { Caller } from '../access/caller.ts';
import { addRegionsOfVms } from './vmRegions.ts';

/** An accepted alert and the effect of this message. */
export interface ReceivedAlert {
  readonly id: string;
  /**
   * `new`: the alert fired for the first time, or again after its end. `cleared`: Lifeboat knew the
   * alert, and the alert is over now.
   */
  readonly how: 'new' | 'repeated' | 'cleared';
}

/** The sender of an alert. A sender may use several keys, one after the other. */
export interface AlertSender extends Pick<Caller, 'id' | 'name'> {
  readonly senderKey: string;
}

/** A caller with a token is a sender of its own, for example Azure Monitor. */
export const senderWithToken = ({ id, name }: Pick<Caller, 'id' | 'name'>): AlertSender => ({
  id,
  name,
  senderKey: `caller:${id}`,
});

const MAX_TRIES = 5;

/** Saves an alert, or finds the saved one. Throws when the alert ends before it fires. */
export async function receiveAlert(alert: Alert, by: AlertSender): Promise<ReceivedAlert> {
  if (alert.resolvedAt !== null && Date.parse(alert.resolvedAt) < Date.parse(alert.firedAt))
    throw rejected(422, 'AlertOverBeforeItFired', 'The alert is over before it fired. Nothing was saved.');
  for (let tried = 0; tried < MAX_TRIES; tried++) {
    const firstOccurrence = await readFirstOccurrence(alert, by.senderKey);
    const received = firstOccurrence
      ? await receiveKnownAlert(firstOccurrence, alert, by)
      : await createOccurrence(alert, by, 1);
    if (received) return received;
  }
  throw transient(
    'AlertContended',
    'This alert was changed by others each time Lifeboat read it. Send it again.',
  );
}

async function readFirstOccurrence(
  { source, id }: Alert,
  sender: string,
): Promise<WithEtag<AlertDocument> | undefined> {
  const alertFound = await readAlert(alertIdOf(sender, id));
  if (alertFound) return alertFound;
  const olderAlert = await readAlert(legacyAlertIdOf(source, id));
  return olderAlert?.sender === sender ? olderAlert : undefined;
}

/** Undefined when another process created the alert first. */
async function createOccurrence(
  alert: Alert,
  { senderKey, ...by }: AlertSender,
  life: number,
): Promise<ReceivedAlert | undefined> {
  const id = alertIdOf(senderKey, alert.id, life);
  const receivedAt = (await clock().now()).toISOString();
  const document: AlertDocument = {
    id: 'alert',
    type: 'alert',
    schema: SCHEMA_VERSION,
    subject: id,
    alert: await addRegionsOfVms(alert),
    sender: senderKey,
    life,
    lives: life,
    by,
    receivedAt,
    considered: false,
  };
  return (await createAlert(document)) ? { id, how: 'new' } : undefined;
}

/** Undefined when the caller must read the alert again. */
async function receiveKnownAlert(
  first: WithEtag<AlertDocument>,
  alert: Alert,
  by: AlertSender,
): Promise<ReceivedAlert | undefined> {
  const newest = first.lives === 1 ? first : await readAlert(alertIdOf(by.senderKey, alert.id, first.lives));
  if (!newest) throw new Error(`Life ${first.lives} of the alert ${first.subject} cannot be read.`);
  switch (alertChangeOf(newest.alert, alert)) {
    case AlertChange.repeated:
      return { id: newest.subject, how: 'repeated' };
    case AlertChange.over: {
      const isSaved = await saveAlert(newest, { alert: { ...newest.alert, resolvedAt: alert.resolvedAt } });
      return isSaved ? { id: newest.subject, how: 'cleared' } : undefined;
    }
    case AlertChange.again: {
      const received = await createOccurrence(alert, by, first.lives + 1);
      // A process may die after it began this life and before it counted it. The next process
      // counts it.
      await saveAlert(first, { lives: first.lives + 1 });
      return received;
    }
  }
}
