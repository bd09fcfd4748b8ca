import { PHASE } from './boundaries.ts';
import { dieAt } from './die-at.ts';

dieAt([...PHASE]);
