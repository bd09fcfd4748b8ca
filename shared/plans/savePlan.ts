// Saves a plan that a person sends. Each change makes a new version.
// The plan route calls this module. A change needs the version that the person has read (If-Match).

import { clock } from '../core/clock.ts';
import { hasErrors, lintText, type ShownFinding } from './rules/lint.ts';
import { rejected } from '../core/errors.ts';
import { fingerprintOf } from '../core/ids.ts';
import type { WithEtag } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { Caller } from '../access/caller.ts';
import type { PlanDocument } from './documents.ts';
import { readPlan, readPlanVersions, savePlan } from './store.ts';
import { readLintFacts } from './lintFacts.ts';

export interface SavePlanResult {
  readonly plan: PlanDocument;
  /** The effect on the stored plan. */
  readonly how: 'made' | 'changed' | 'asItWas';
  readonly findings: readonly ShownFinding[];
}

/** The ETag of a plan: its version in quotes. */
export const planEtagOf = (plan: Pick<PlanDocument, 'version'>): string => `"${plan.version}"`;

/** Saves a plan from its text. Rejects a wrong If-Match, a native plan, and a plan with errors. */
export async function savePlanText(
  planId: string,
  text: string,
  ifMatch: string | null,
  caller: Caller,
): Promise<SavePlanResult> {
  const before = await readPlan(planId);
  assertPlanVersionRead(planId, before, ifMatch);
  const { plan, findings } = lintText(text, await readLintFacts());
  if (!plan || hasErrors(findings))
    throw rejected(
      422,
      'PlanInvalid',
      'The plan cannot be saved: ' +
        `${findingsText(findings.filter(({ severity }) => severity === 'error'))} Nothing was changed.`,
      { findings },
    );
  const fingerprint = fingerprintOf(plan);
  if (before?.fingerprint === fingerprint) return { plan: before, how: 'asItWas', findings };
  const next: PlanDocument = {
    id: 'plan',
    type: 'plan',
    schema: SCHEMA_VERSION,
    planId,
    origin: { kind: 'own', by: { id: caller.id, name: caller.name } },
    // A plan that returns under a removed id continues its version numbers: jobs may have run them.
    version: (before?.version ?? (await readPlanVersions(planId))[0]?.version ?? 0) + 1,
    fingerprint,
    plan,
    warnings: warningsToStore(findings),
    savedAt: (await clock().now()).toISOString(),
  };
  if (await savePlan(next, before)) return { plan: next, how: before ? 'changed' : 'made', findings };
  throw planChangedError(planId, await readPlan(planId));
}

/**
 * The plan document contains the warnings, and each VM may have one. So the store keeps only the
 * first warnings. The answer to the save shows all of them.
 */
const MAX_WARNINGS = 100;
const warningsToStore = (findings: readonly ShownFinding[]): PlanDocument['warnings'] => {
  const warnings = findings
    .slice(0, MAX_WARNINGS)
    .map(({ code, severity, path, message }) => ({ code, severity, path, message: message.slice(0, 500) }));
  const leftOut = findings.length - warnings.length;
  return leftOut === 0
    ? warnings
    : [
        ...warnings,
        { code: 'MoreWarnings', severity: 'warning', path: null, message: `And ${leftOut} more.` },
      ];
};

const MAX_LISTED = 5;
const findingsText = (findings: readonly ShownFinding[]): string => {
  const lines = findings
    .slice(0, MAX_LISTED)
    .map(
      ({ line, column, path, message }) =>
        `${line === undefined ? path : `line ${line}, column ${column ?? 1}`}: ${message}`,
    );
  return `${lines.join(' ')}${findings.length > MAX_LISTED ? ` And ${findings.length - MAX_LISTED} more.` : ''}`;
};

function assertPlanVersionRead(
  planId: string,
  before: WithEtag<PlanDocument> | undefined,
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
        `Read it, and send If-Match: ${planEtagOf(before)} with the change.`,
      { version: before.version },
    );
  if (ifMatch !== planEtagOf(before)) throw planChangedError(planId, before);
}

const planChangedError = (planId: string, now: PlanDocument | undefined) =>
  rejected(
    412,
    'PlanChanged',
    `The plan ${planId} was changed by others and is at version ${now?.version ?? 0} now. ` +
      'Nothing was changed. Read it again, and make the change on that.',
    { version: now?.version ?? 0 },
  );
