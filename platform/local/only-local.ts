import type { RequestHandler } from 'express';
import { isLoopback } from '../host/http.ts';

/**
 * The internal port asks for no token, so that it answers only who comes from this machine and calls it by its name: a
 * page of another site whose host name is made to point here (DNS rebinding) names itself. No answer has a CORS header.
 */
export const onlyLocal: RequestHandler = (request, response, next) => {
  if (isLoopback(request)) return next();
  response.status(403).type('text/plain').send('this port serves this machine alone, by the name of localhost\n');
};
