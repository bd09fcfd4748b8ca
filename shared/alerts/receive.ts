// An alert that was let in is kept, once, whatever follows from it; that it is over is remembered with it.
import { clock } from '../clock.ts';
import type { Alert } from '../domain/alerts/alert.ts';
import { rejected, transient } from '../errors.ts';
import { alertIdOf } from '../ids.ts';
import { createAlert, readAlert, saveAlert } from '../store/alerts.ts';
import { SCHEMA, type AlertDocument, type Caller } from '../store/documents.ts';

export interface LetIn {
  readonly id: string;
  /** `cleared`: it was known, and is over now. */
  readonly how: 'new' | 'repeated' | 'cleared';
}

const MOST_TRIES = 5;

export async function letIn(alert: Alert, by: Pick<Caller, 'id' | 'name'>): Promise<LetIn> {
  if (alert.resolvedAt !== null && Date.parse(alert.resolvedAt) < Date.parse(alert.firedAt)) throw rejected(422, 'AlertOverBeforeItFired', 'The alert is over before it fired. Nothing was kept.');
  const id = alertIdOf(alert.source, alert.id);
  for (let tried = 0; tried < MOST_TRIES; tried++) {
    const known = await readAlert(id);
    if (known) {
      if (known.alert.resolvedAt !== null || alert.resolvedAt === null) return { id, how: 'repeated' };
      if (await saveAlert(known, { alert: { ...known.alert, resolvedAt: alert.resolvedAt } })) return { id, how: 'cleared' };
      continue;
    }
    const document: AlertDocument = { id: 'alert', type: 'alert', schema: SCHEMA, subject: id, alert, by: { id: by.id, name: by.name }, receivedAt: (await clock().now()).toISOString(), considered: false };
    if (await createAlert(document)) return { id, how: 'new' };
  }
  throw transient('AlertContended', 'This alert was changed by others each time it was read. Send it again.');
}
