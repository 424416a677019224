import { useEffect, useRef, useState } from 'preact/hooks';
import { apiKey, keyedFetch } from '../api/key';

interface Props {
  src: string;
  alt: string;
  width?: number;
  height?: number;
  onError: () => void;
}

/** A picture of the service. An img cannot send a key: with one the picture is fetched, when it comes into sight, and shown from memory. */
export function KeyedImage(props: Props) {
  return apiKey() === null ? <img {...props} loading="lazy" /> : <FetchedImage {...props} />;
}

function FetchedImage({ src, onError, ...rest }: Props) {
  const element = useRef<HTMLImageElement>(null);
  const [shown, setShown] = useState<string>();
  useEffect(() => {
    const stop = new AbortController();
    let url: string | undefined;
    const load = async () => {
      const response = await keyedFetch(src, { signal: stop.signal });
      if (!response.ok) {
        throw new Error(`The picture was answered ${response.status}.`);
      }
      const blob = await response.blob();
      if (!stop.signal.aborted) {
        url = URL.createObjectURL(blob);
        setShown(url);
      }
    };
    const sight = new IntersectionObserver(entries => {
      if (entries.some(entry => entry.isIntersecting)) {
        sight.disconnect();
        load().catch(() => { if (!stop.signal.aborted) { onError(); } });
      }
    });
    sight.observe(element.current!);
    return () => {
      sight.disconnect();
      stop.abort();
      if (url) {
        URL.revokeObjectURL(url);
      }
    };
  }, [src]);
  return <img {...rest} ref={element} src={shown} />;
}
