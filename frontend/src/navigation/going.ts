import { createContext, useContext, useLayoutEffect, useRef, useState } from 'react';
import { useNavigate, type NavigateOptions } from 'react-router';

/** Leads to an address of this page, given from the root. */
export type Go = (to: string, options?: NavigateOptions) => void;

/** Above everything that leads somewhere: `<GoContext value={useSteadyGo()}>`. */
export const GoContext = createContext<Go | null>(null);

/** The router's own `navigate` is another function at every address. */
export const useSteadyGo = (): Go => {
  const navigate = useNavigate();
  const latest = useRef(navigate);
  useLayoutEffect(() => {
    latest.current = navigate;
  }, [navigate]);
  const [go] = useState<Go>(
    () =>
      (...address: Parameters<Go>) =>
        void latest.current(...address),
  );
  return go;
};

/** For what is always on the page: unlike with `useNavigate`, it is not drawn anew whenever the address changes. */
export const useGo = (): Go => {
  const go = useContext(GoContext);
  if (go === null) throw new Error('GoContext is missing above this component');
  return go;
};
