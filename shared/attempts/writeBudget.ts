// The write budget: one document for each principal and subscription. All jobs take their ARM
// writes from it, so that together they stay below the limits of Azure. grant.ts calls this module.
import { reserveTokens, type Budget, type BudgetLimit } from '../core/tokenBucket.ts';
import { transient } from '../core/errors.ts';
import { writeBatch, createDocument, readDocument } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';

const KIND = 'budget';

interface BudgetDocument extends Budget {
  readonly id: string;
  readonly kind: typeof KIND;
  readonly type: 'budget';
  readonly schema: number;
}

const MAX_TRIES = 20;

/** Takes up to `requested` writes from the budget. `keepFree` writes stay for urgent work. */
export async function reserveFromBudget(
  subscription: string,
  rule: BudgetLimit,
  requested: number,
  now: number,
  keepFree: number,
): Promise<{ granted: number; waitSeconds: number }> {
  const id = `writes:${subscription.toLowerCase()}`;
  for (let tried = 0; tried < MAX_TRIES; tried++) {
    const stored = await readDocument<BudgetDocument>('settings', id, KIND);
    const { granted, waitSeconds, budget } = reserveTokens(stored, rule, requested, now, keepFree);
    const next: BudgetDocument = { id, kind: KIND, type: 'budget', schema: SCHEMA_VERSION, ...budget };
    const isSaved = stored
      ? await writeBatch('settings', KIND, [{ replace: next, etag: stored._etag }])
      : await createDocument('settings', next);
    if (isSaved) return { granted, waitSeconds };
  }
  throw transient(
    'BudgetContended',
    'Other jobs changed the write budget after each read. Lifeboat will try again.',
  );
}
