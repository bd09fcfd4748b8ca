// Saving a plan: each change is a new version, and whoever changes one says which version they have read.
import { clock } from '../core/clock.ts';
import { hasErrors, lintText, type Shown } from './rules/lint.ts';
import { rejected } from '../core/errors.ts';
import { fingerprintOf } from '../core/ids.ts';
import type { Stored } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { Caller } from '../access/caller.ts';
import type { PlanDocument } from './documents.ts';
import { readPlan, savePlan } from './store.ts';
import { lintFacts } from './facts.ts';

export interface Saved {
  readonly plan: PlanDocument;
  /** How it stands now: made, changed, or as it was. */
  readonly how: 'made' | 'changed' | 'asItWas';
  readonly findings: readonly Shown[];
}

export const etagOf = (plan: Pick<PlanDocument, 'version'>): string => `"${plan.version}"`;

export async function savePlanText(
  planId: string,
  text: string,
  ifMatch: string | null,
  caller: Caller,
): Promise<Saved> {
  const before = await readPlan(planId);
  mustHaveRead(planId, before, ifMatch);
  const { plan, findings } = lintText(text, await lintFacts());
  if (!plan || hasErrors(findings))
    throw rejected(
      422,
      'PlanInvalid',
      'The plan cannot be saved: ' +
        `${told(findings.filter(({ severity }) => severity === 'error'))} Nothing was changed.`,
      { findings },
    );
  const fingerprint = fingerprintOf(plan);
  if (before?.fingerprint === fingerprint) return { plan: before, how: 'asItWas', findings };
  const next: PlanDocument = {
    id: 'plan',
    type: 'plan',
    schema: SCHEMA,
    planId,
    origin: { kind: 'own', by: { id: caller.id, name: caller.name } },
    version: (before?.version ?? 0) + 1,
    fingerprint,
    plan,
    warnings: kept(findings),
    savedAt: (await clock().now()).toISOString(),
  };
  if (await savePlan(next, before)) return { plan: next, how: before ? 'changed' : 'made', findings };
  throw changedMeanwhile(planId, await readPlan(planId));
}

/**
 * The plan is stored with them, and they may be one for each of its VMs. Who saves it is shown all
 * of them.
 */
const MOST_KEPT = 100;
const kept = (findings: readonly Shown[]): PlanDocument['warnings'] => {
  const warnings = findings
    .slice(0, MOST_KEPT)
    .map(({ code, severity, path, message }) => ({ code, severity, path, message: message.slice(0, 500) }));
  const left = findings.length - warnings.length;
  return left === 0
    ? warnings
    : [...warnings, { code: 'MoreWarnings', severity: 'warning', path: null, message: `And ${left} more.` }];
};

const MOST_TOLD = 5;
const told = (findings: readonly Shown[]): string => {
  const lines = findings
    .slice(0, MOST_TOLD)
    .map(
      ({ line, column, path, message }) =>
        `${line === undefined ? path : `line ${line}, column ${column ?? 1}`}: ${message}`,
    );
  return `${lines.join(' ')}${findings.length > MOST_TOLD ? ` And ${findings.length - MOST_TOLD} more.` : ''}`;
};

function mustHaveRead(
  planId: string,
  before: Stored<PlanDocument> | undefined,
  ifMatch: string | null,
): void {
  if (before?.origin.kind === 'native')
    throw rejected(
      409,
      'PlanIsNative',
      `The plan ${planId} is kept in Site Recovery and read from there ` +
        `(${before.origin.armId}). Nothing was changed. Save it under an id of your own, or ` +
        'change it there.',
    );
  if (!before) {
    if (ifMatch !== null)
      throw rejected(
        412,
        'PlanUnknown',
        `There is no plan ${planId} that could be changed. Nothing was made. Leave If-Match out to make one.`,
      );
    return;
  }
  if (ifMatch === null)
    throw rejected(
      428,
      'IfMatchMissing',
      `There is a plan ${planId} already, at version ${before.version}. Nothing was changed. ` +
        `Read it, and send If-Match: ${etagOf(before)} with the change.`,
      { version: before.version },
    );
  if (ifMatch !== etagOf(before)) throw changedMeanwhile(planId, before);
}

const changedMeanwhile = (planId: string, now: PlanDocument | undefined) =>
  rejected(
    412,
    'PlanChanged',
    `The plan ${planId} was changed by others and is at version ${now?.version ?? 0} now. ` +
      'Nothing was changed. Read it again, and make the change on that.',
    { version: now?.version ?? 0 },
  );
