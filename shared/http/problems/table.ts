// The table of every code that a caller can see, with its explanation. Problem documents, refused
// messages, steps, previews, warnings, findings and scheduled starts have codes. The `type` of a
// problem document is the address of the code's page.
import { config } from '../../core/config.ts';
import { ENABLING_TARGET_PROBLEMS } from './enablingTargets.ts';
import { ENABLING_VM_PROBLEMS } from './enablingVms.ts';
import type { ProblemExplanation } from './explanation.ts';
import { FEATURE_PROBLEMS } from './features.ts';
import { JOB_PROBLEMS } from './jobs.ts';
import { PLAN_PROBLEMS } from './plans.ts';
import { SERVICE_PROBLEMS } from './service.ts';
import { SITE_PROBLEMS } from './sites.ts';
import { STEP_PROBLEMS } from './steps.ts';

/** The explanations of all codes. */
export const PROBLEMS = {
  ...SERVICE_PROBLEMS,
  ...JOB_PROBLEMS,
  ...STEP_PROBLEMS,
  ...PLAN_PROBLEMS,
  ...FEATURE_PROBLEMS,
  ...ENABLING_TARGET_PROBLEMS,
  ...ENABLING_VM_PROBLEMS,
  ...SITE_PROBLEMS,
} as const;
/** A known problem code. */
export type ProblemName = keyof typeof PROBLEMS;

/** The code of an answer that has only an HTTP status, such as Http404. */
const HTTP_STATUS_CODE = /^Http[1-5]\d\d$/;

/** Returns the explanation of a code, or undefined for an unknown code. */
export function problemExplanationOf(code: string): ProblemExplanation | undefined {
  const name = HTTP_STATUS_CODE.test(code) ? 'HttpStatus' : code;
  return Object.hasOwn(PROBLEMS, name) ? PROBLEMS[name as ProblemName] : undefined;
}

/** Returns the path of the page of a problem code. */
export const problemPathOf = (code: string): string => `/api/problems/${code}`;

/** Returns the full address when LIFEBOAT_ADDRESS has a value, otherwise only the path. */
export const problemUrlOf = (code: string): string => `${lifeboatAddress()}${problemPathOf(code)}`;

function lifeboatAddress(): string {
  try {
    return config().LIFEBOAT_ADDRESS ?? '';
  } catch {
    // The settings may be wrong, and that may be the problem itself.
    return '';
  }
}
