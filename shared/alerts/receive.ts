// An alert that was let in is kept, once, whatever follows from it; that it is over is remembered with it.
import { clock } from '../core/clock.ts';
import type { Alert } from './rules/alert.ts';
import { Delivery, deliveryOf } from './rules/life.ts';
import { rejected, transient } from '../core/errors.ts';
import { alertIdOf, olderAlertIdOf } from '../core/ids.ts';
import { createAlert, readAlert, saveAlert } from './store.ts';
import type { Stored } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { AlertDocument } from './documents.ts';
import type { Caller } from '../access/caller.ts';

export interface LetIn {
  readonly id: string;
  /**
   * `new`: it fired for the first time, or again after it was over. `cleared`: it was known, and is
   * over now.
   */
  readonly how: 'new' | 'repeated' | 'cleared';
}

/** Who brings an alert. The sender may have several keys, one after the other. */
export interface Bringer extends Pick<Caller, 'id' | 'name'> {
  readonly sender: string;
}

/** Who comes with a token is a sender of its own, such as Azure Monitor. */
export const bringerWithToken = ({ id, name }: Pick<Caller, 'id' | 'name'>): Bringer => ({
  id,
  name,
  sender: `caller:${id}`,
});

const MOST_TRIES = 5;

export async function letIn(alert: Alert, by: Bringer): Promise<LetIn> {
  if (alert.resolvedAt !== null && Date.parse(alert.resolvedAt) < Date.parse(alert.firedAt))
    throw rejected(422, 'AlertOverBeforeItFired', 'The alert is over before it fired. Nothing was kept.');
  for (let tried = 0; tried < MOST_TRIES; tried++) {
    const first = await firstLife(alert, by.sender);
    const taken = first ? await letInAgain(first, alert, by) : await beginLife(alert, by, 1);
    if (taken) return taken;
  }
  throw transient('AlertContended', 'This alert was changed by others each time it was read. Send it again.');
}

async function firstLife({ source, id }: Alert, sender: string): Promise<Stored<AlertDocument> | undefined> {
  const known = await readAlert(alertIdOf(sender, id));
  if (known) return known;
  const older = await readAlert(olderAlertIdOf(source, id));
  return older?.sender === sender ? older : undefined;
}

/** Undefined when somebody else was first. */
async function beginLife(alert: Alert, { sender, ...by }: Bringer, life: number): Promise<LetIn | undefined> {
  const id = alertIdOf(sender, alert.id, life);
  const receivedAt = (await clock().now()).toISOString();
  const document: AlertDocument = {
    id: 'alert',
    type: 'alert',
    schema: SCHEMA,
    subject: id,
    alert,
    sender,
    life,
    lives: life,
    by,
    receivedAt,
    considered: false,
  };
  return (await createAlert(document)) ? { id, how: 'new' } : undefined;
}

/** Undefined when it is to be read again. */
async function letInAgain(
  first: Stored<AlertDocument>,
  alert: Alert,
  by: Bringer,
): Promise<LetIn | undefined> {
  const newest = first.lives === 1 ? first : await readAlert(alertIdOf(by.sender, alert.id, first.lives));
  if (!newest) throw new Error(`Life ${first.lives} of the alert ${first.subject} cannot be read.`);
  switch (deliveryOf(newest.alert, alert)) {
    case Delivery.repeated:
      return { id: newest.subject, how: 'repeated' };
    case Delivery.over: {
      const over = await saveAlert(newest, { alert: { ...newest.alert, resolvedAt: alert.resolvedAt } });
      return over ? { id: newest.subject, how: 'cleared' } : undefined;
    }
    case Delivery.again: {
      const begun = await beginLife(alert, by, first.lives + 1);
      // Who began that life and died has not counted it: whoever comes next does.
      await saveAlert(first, { lives: first.lives + 1 });
      return begun;
    }
  }
}
