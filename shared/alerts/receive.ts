// An alert that was let in is kept, once, whatever follows from it; that it is over is remembered with it.
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

export interface ReceivedAlert {
  readonly id: string;
  /**
   * `new`: it fired for the first time, or again after it was over. `cleared`: it was known, and is
   * over now.
   */
  readonly how: 'new' | 'repeated' | 'cleared';
}

/** Who brings an alert. The sender may have several keys, one after the other. */
export interface AlertSender extends Pick<Caller, 'id' | 'name'> {
  readonly senderKey: string;
}

/** Who comes with a token is a sender of its own, such as Azure Monitor. */
export const senderWithToken = ({ id, name }: Pick<Caller, 'id' | 'name'>): AlertSender => ({
  id,
  name,
  senderKey: `caller:${id}`,
});

const MAX_TRIES = 5;

export async function receiveAlert(alert: Alert, by: AlertSender): Promise<ReceivedAlert> {
  if (alert.resolvedAt !== null && Date.parse(alert.resolvedAt) < Date.parse(alert.firedAt))
    throw rejected(422, 'AlertOverBeforeItFired', 'The alert is over before it fired. Nothing was kept.');
  for (let tried = 0; tried < MAX_TRIES; tried++) {
    const firstOccurrence = await readFirstOccurrence(alert, by.senderKey);
    const received = firstOccurrence
      ? await receiveKnownAlert(firstOccurrence, alert, by)
      : await createOccurrence(alert, by, 1);
    if (received) return received;
  }
  throw transient('AlertContended', 'This alert was changed by others each time it was read. Send it again.');
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

/** Undefined when somebody else was first. */
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
    alert,
    sender: senderKey,
    life,
    lives: life,
    by,
    receivedAt,
    considered: false,
  };
  return (await createAlert(document)) ? { id, how: 'new' } : undefined;
}

/** Undefined when it is to be read again. */
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
      // Who began that life and died has not counted it: whoever comes next does.
      await saveAlert(first, { lives: first.lives + 1 });
      return received;
    }
  }
}
