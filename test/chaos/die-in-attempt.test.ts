import { ATTEMPT } from './boundaries.ts';
import { dieAt } from './die-at.ts';

dieAt([...ATTEMPT]);
