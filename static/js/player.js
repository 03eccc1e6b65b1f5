/* A platform's player in a frame, told what to do by messages: none of its scripts runs in our page.
   Until it has answered, a jump loads the frame again at that second, which always works. */

const ALLOWED = "autoplay; fullscreen; picture-in-picture";
const ASK_MS = 400;
const ASK_TIMES = 30;

/* https://developers.google.com/youtube/player_parameters: what YouTube's own script says and hears. */
const youtube = (post, report) => ({
  asks: () => post({ event: "listening", id: 1, channel: "widget" }),
  hear: ({ event, info }) => {
    if (typeof info?.currentTime === "number") report.moment(info.currentTime);
    if (typeof info?.playerState === "number") report.playing(info.playerState === 1);
    return Boolean(event);
  },
  seek: (seconds) => post({ event: "command", func: "seekTo", args: [seconds, true] }),
  play: (on) => post({ event: "command", func: on ? "playVideo" : "pauseVideo", args: [] }),
});

/* https://docs.joinpeertube.org/api/embed-player: the messages of its library, which is jschannel's
   protocol. The frame says that it is there, and waits for our word before it tells anything. */
const peertube = (post, report) => {
  let calls = 0;
  const call = (method, params) => post({ id: ++calls, method: `peertube::${method}`, params });
  return {
    asks: () => {},
    hear: ({ method, params }) => {
      if (method === "peertube::__ready" && params === "ping") post({ method, params: "pong" });
      if (method === "peertube::playbackStatusUpdate") {
        if (typeof params?.position === "number") report.moment(params.position);
        report.playing(params?.playbackState === "playing");
      }
      return Boolean(method);
    },
    seek: (seconds) => call("seek", seconds),
    play: (on) => call(on ? "play" : "pause"),
  };
};

const BRIDGES = { youtube, peertube };

function address({ embed, platform }, seconds) {
  const url = new URL(embed);
  const set = (name, value) => url.searchParams.set(name, value);
  if (platform === "twitch") set("parent", location.hostname);
  if (platform === "youtube") {
    set("enablejsapi", 1);
    set("origin", location.origin);
  }
  if (platform === "peertube") set("api", 1);
  if (seconds) set(platform === "twitch" ? "time" : "start", platform === "twitch" ? `${seconds}s` : seconds);
  return url.href;
}

/* Put a player where the facade is; its dataset says which: { embed, platform, offset, title }. */
export function openVideo(facade) {
  const frame = document.createElement("iframe");
  frame.title = `Vidéo : ${facade.dataset.title}`;
  frame.allow = ALLOWED;
  frame.referrerPolicy = "strict-origin-when-cross-origin";
  const stage = document.createElement("div");
  stage.className = facade.className;
  Object.assign(stage.dataset, facade.dataset);
  stage.append(frame);
  facade.replaceWith(stage);

  let bridge = null;
  let answered = false;
  let playing = false;
  let position = null; // on the platform's clock
  let asking = 0;

  const offset = () => (stage.dataset.offset ? Number(stage.dataset.offset) : null);
  const moment = () => (position === null || offset() === null ? null : Math.max(0, position - offset()));
  const post = (message) => {
    frame.contentWindow?.postMessage(JSON.stringify(message), new URL(stage.dataset.embed).origin);
  };
  const report = {
    moment: (seconds) => {
      position = seconds;
      if (moment() !== null) document.dispatchEvent(new CustomEvent("moment", { detail: moment() }));
    },
    playing: (on) => { playing = on; },
  };

  addEventListener("message", ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== new URL(stage.dataset.embed).origin) return;
    try {
      answered = bridge?.hear(typeof data === "string" ? JSON.parse(data) : data) || answered;
    } catch {
      // Not for us.
    }
  });

  const load = (seconds) => {
    clearInterval(asking);
    answered = false;
    bridge = BRIDGES[stage.dataset.platform]?.(post, report) ?? null;
    // A slow machine takes the focus away again when the player comes.
    frame.addEventListener("load", () => {
      if (document.activeElement === document.body) frame.focus();
      let times = 0;
      clearInterval(asking);
      asking = setInterval(() => {
        if (answered || ++times > ASK_TIMES) clearInterval(asking);
        else bridge?.asks();
      }, ASK_MS);
    }, { once: true });
    frame.src = address(stage.dataset, seconds);
    frame.focus();
  };

  const seekOn = (seconds) => {
    if (!answered || !frame.src) {
      load(seconds);
      return;
    }
    bridge.seek(seconds);
    bridge.play(true);
  };

  return {
    stage,
    moment,
    /* To this moment of the broadcast; where nobody knows the offset, to the start. */
    seek: (seconds) => seekOn(offset() === null || !seconds ? 0 : Math.max(0, Math.round(seconds + offset()))),
    nudge: (by) => {
      if (position !== null && answered) seekOn(Math.max(0, position + by));
    },
    toggle: () => {
      if (answered) bridge.play(!playing);
    },
    /* Another source was chosen: what was heard of the last one counts no more. */
    change: () => {
      answered = false;
      position = null;
    },
  };
}
