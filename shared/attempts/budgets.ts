// One document per principal and subscription: all jobs draw their ARM writes from it.
import { reserve, type Budget, type BudgetRule } from '../core/tokenBucket.ts';
import { transient } from '../core/errors.ts';
import { batch, create, read } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';

const KIND = 'budget';

interface BudgetDocument extends Budget {
  readonly id: string;
  readonly kind: typeof KIND;
  readonly type: 'budget';
  readonly schema: number;
}

const MOST_TRIES = 20;

export async function reserveWrites(
  subscription: string,
  rule: BudgetRule,
  want: number,
  now: number,
  keep: number,
): Promise<{ granted: number; waitSeconds: number }> {
  const id = `writes:${subscription.toLowerCase()}`;
  for (let tried = 0; tried < MOST_TRIES; tried++) {
    const known = await read<BudgetDocument>('settings', id, KIND);
    const { granted, waitSeconds, budget } = reserve(known, rule, want, now, keep);
    const next: BudgetDocument = { id, kind: KIND, type: 'budget', schema: SCHEMA, ...budget };
    const taken = known
      ? await batch('settings', KIND, [{ replace: next, etag: known._etag }])
      : await create('settings', next);
    if (taken) return { granted, waitSeconds };
  }
  throw transient(
    'BudgetContended',
    'The write budget was changed by others each time it was read. It will be tried again.',
  );
}
