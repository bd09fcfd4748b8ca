// The table of every problem code that the service returns, with its explanation. The `type` of a
// problem document is the address of the code's page.
import { config } from '../../core/config.ts';
import type { ProblemExplanation } from './explanation.ts';
import { FEATURE_PROBLEMS } from './features.ts';
import { JOB_PROBLEMS } from './jobs.ts';
import { SERVICE_PROBLEMS } from './service.ts';

/** The explanations of all problem codes. */
export const PROBLEMS = { ...SERVICE_PROBLEMS, ...JOB_PROBLEMS, ...FEATURE_PROBLEMS } as const;
/** A known problem code. */
export type ProblemName = keyof typeof PROBLEMS;

/** Returns the explanation of a code, or undefined for an unknown code. */
export const problemExplanationOf = (code: string): ProblemExplanation | undefined =>
  Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code as ProblemName] : undefined;

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
