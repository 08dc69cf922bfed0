/* The offline map, inside streamlit-folium's frame.

   zhixiaoMap.start(map, session)  once per frame; frames of one session move together
   zhixiaoMap.paint(view)          at every repaint: colours, marks, legend, words

   Geometry and names are fetched from our own server, once per address; a repaint only says which
   colour each unit wears. Names and words become text nodes and never HTML. */
(function () {
  'use strict';

  // More marks than this in the picture are a carpet, and slow: the legend says to zoom in.
  const MOST_VILLAGES = 1500;
  const HELD_VIEW = 'zhixiao-map-view';
  const NEAR = 12.5;
  // Pixels into which a place can be fitted.
  const LEAST_ROOM = 120;
  // Enter asks for the page of a unit: told as a click twice around the world (maps.OPENS).
  const AROUND = 720;
  // Pixels from one number of a proposed place to the next.
  const DISC = 30;
  const SIZES = { village: 3.5, facility: 6 };
  // A heap of more marks than this is one dark place, whatever is done.
  const MOST_LAYERS = 12;
  const NEIGHBOURS = [-1, 0, 1].flatMap((dx) => [-1, 0, 1].map((dy) => dx + 1e5 * dy));
  // From the top of a mark round: villages are circles, facilities diamonds.
  const OUTLINES = {
    village: (r) => `a${r} ${r} 0 1 0 .01 0z`,
    facility: (r) => `l${r} ${r}l${-r} ${r}l${-r} ${-r}z`,
  };
  // Milliseconds in which a new picture reaches the screen.
  const AFTER_PAINT = 120;

  // Marks of one look are one shape: a thousand shapes of their own took most of a repaint.
  const Marks = L.Path.extend({
    initialize: function (options) { L.setOptions(this, options); this.zxHeld = []; },
    hold: function (held) { this.zxHeld = held; if (this._map) this._reset(); },
    _project: function () {
      for (const each of this.zxHeld) each.at = this._map.latLngToLayerPoint(each.point);
    },
    _update: function () {
      const r = this.options.radius, outline = OUTLINES[this.options.kind](r);
      this._renderer._setPath(this,
        this.zxHeld.map(({ at }) => 'M' + at.x + ' ' + (at.y - r) + outline).join('') || 'M0 0');
    },
    // The mark that a place in the picture lies on, or next to.
    nearest: function (place) {
      let best = null, least = Infinity;
      for (const each of this.zxHeld) {
        const far = place.distanceTo(each.at);
        if (far <= least) { least = far; best = each; }
      }
      return best;
    },
  });

  // A scale in the words of the view; before there is a view it says nothing.
  const Scale = L.Control.Scale.extend({
    _updateMetric: function (most) {
      const metres = this._getRoundNum(most), unit = metres < 1000 ? 'm' : 'km';
      const count = unit === 'm' ? metres : metres / 1000;
      this._updateScale(this._mScale, view ? count + ' ' + view.words[unit] : '', metres / most);
    },
  });

  let map, session, view, scale;
  const fetched = { units: null, points: null, villages: null };
  let told;
  let units, extras, legend, notice, fitted, home, left, ring, others, led, halo, stop, naming;
  // Villages and facilities that are drawn, by how they look; and the one that is pointed at.
  const marks = new Map(), pointed = L.tooltip({ className: 'zx-tip' });

  function start(theMap, theSession) {
    map = theMap;
    session = theSession;
    document.body.appendChild(hatching());
    map.createPane('zxVillages').style.zIndex = 445;
    map.createPane('zxMarks').style.zIndex = 450;
    extras = L.layerGroup().addTo(map);
    scale = new Scale({ imperial: false, maxWidth: 140 }).addTo(map);
    addTools();
    others = new BroadcastChannel(HELD_VIEW + session.id);
    others.onmessage = function (told) { follow(told.data); };
    const held = remembered(), last = held === undefined ? session.view : held;
    if (last) { map.setView([last[0], last[1]], last[2], { animate: false }); fitted = 'link'; }
    map.on('moveend', function () { lead(); remember(); drawMarks(); });
    new ResizeObserver(resize).observe(map.getContainer());
    // The wheel scrolls the page until the map is clicked or reached by keyboard.
    map.on('focus', function () { map.scrollWheelZoom.enable(); });
    map.on('blur', function () { map.scrollWheelZoom.disable(); });
  }

  // Moved by whole pixels the map would drift from the centre that a link names: it is set anew.
  function resize() {
    const box = map.getContainer(), size = map.getSize();
    if (size.x === box.clientWidth && size.y === box.clientHeight) return;
    const untouched = isHome(), at = map.getCenter();
    map.invalidateSize({ animate: false, pan: false });
    map.setView(at, map.getZoom(), { reset: true });
    fitAnew(untouched);
  }

  function paint(next) {
    view = next;
    unpack();
    document.documentElement.lang = view.lang;
    document.title = view.legend.title;
    document.body.className = (view.dark ? 'zx-dark ' : '') + (view.large ? 'zx-large ' : '') +
      (session.framed ? 'zx-framed' : '');
    const box = map.getContainer();
    box.setAttribute('aria-label', view.legend.title);
    for (const [name, words] of [['in', view.words.zoomIn], ['out', view.words.zoomOut]]) {
      const button = box.querySelector('.leaflet-control-zoom-' + name);
      if (button) { button.title = words; button.setAttribute('aria-label', words); }
    }
    dressTools();
    scale._update();
    drawLegend();
    fetchOnce('units', view.units, drawUnits);
    fetchOnce('points', view.points, drawMarks);
    colour();
    focus();
    drawMarks();
    // What is being read says what the new picture says.
    map.eachLayer(function (layer) { if (layer instanceof L.Tooltip) layer.update(); });
    tell();
  }

  // ---- what is fetched ------------------------------------------------------------------------

  function fetchOnce(name, url, then) {
    if (fetched[name] && fetched[name].url === url) return;
    const mine = fetched[name] = { url: url, held: null };
    if (!url) { mine.done = true; then(); return; }
    fetch(url).then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    }).then(function (held) {
      if (fetched[name] !== mine) return;
      mine.held = held;
      say('');
      then();
    }).catch(function (error) {
      console.error(error);
      if (fetched[name] === mine) say(view.words.failed);
    }).finally(function () { mine.done = true; tell(); });
  }

  // The page sends what stands below the map once the map has painted (painted.py).
  function tell() {
    if (!session.painted || told === view.picture || !fetched.units.done) return;
    told = view.picture;
    requestAnimationFrame(function () { setTimeout(fetch, 0, session.painted + '/' + told); });
  }

  // Values travel as one sign a unit and two rows of figures, in the order of the boundaries; they
  // are taken apart once those boundaries are here.
  function unpack() {
    const packed = view.values, held = fetched.units && fetched.units.held;
    if (packed.kinds === undefined || !held || fetched.units.url !== view.units) return;
    const first = packed.first.split('|'), second = packed.second.split('|');
    view.values = {};
    held.features.forEach(function (feature, n) {
      const kind = { '-': -1, '*': -2 }[packed.kinds[n]];
      if (packed.kinds[n] === ' ') return;
      view.values[feature.properties.code] = kind ? [kind, Number(first[n]), ''] :
        [Number(packed.kinds[n]), first[n], second[n]];
    });
  }

  function isHidden() {
    if (view.values.kinds !== undefined) return view.values.kinds.includes('*');
    return Object.values(view.values).some((value) => value[0] === -2);
  }

  function drawUnits() {
    if (units) { units.remove(); units = null; }
    leaveUnit();
    const held = fetched.units.held;
    if (!held) return;
    units = L.geoJSON(held, { onEachFeature: function (feature, layer) {
      layer.bindTooltip(function () { return words(unitName(feature), toldOf(layer)); },
        { sticky: true, className: 'zx-tip' });
    } }).addTo(map);
    unpack();
    colour();
    const first = stopOf();
    units.eachLayer((layer) => makeReachable(layer, layer === first));
    focus();
  }

  // ---- units by keyboard: one stop of Tab, arrows lead on, the space bar is a click --------------

  function makeReachable(layer, isStop) {
    const path = layer.getElement();
    if (!path) return;
    path.setAttribute('role', 'button');
    path.setAttribute('tabindex', isStop ? '0' : '-1');
    path.addEventListener('focus', function () { reachUnit(layer); });
    path.addEventListener('blur', leaveUnit);
    path.addEventListener('keydown', function (event) {
      const to = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (to[event.key]) { L.DomEvent.stop(event); goOn(layer, to[event.key]); }
      if (event.key === ' ') { L.DomEvent.stop(event); press(layer, 0); }
      if (event.key === 'Enter') { L.DomEvent.stop(event); press(layer, AROUND); }
    });
  }

  // Tab leads to the unit where the reader was, else to the chosen one, else to the first.
  function stopOf() {
    let first = null, chosen = null, last = null;
    units.eachLayer(function (layer) {
      const code = layer.feature.properties.code;
      first = first || layer;
      if (code === view.chosen) chosen = layer;
      if (code === stop) last = layer;
    });
    return last || chosen || first;
  }

  function reachUnit(layer) {
    leaveUnit();
    nameUnit(layer);
    stop = layer.feature.properties.code;
    units.eachLayer(function (each) {
      if (each.getElement()) each.getElement().setAttribute('tabindex', each === layer ? '0' : '-1');
    });
    // Who clicked has the outline of the chosen unit and needs no ring.
    if (!layer.getElement().matches(':focus-visible')) return;
    // A ring of its own: moving the unit itself to the front would lose the focus.
    halo = L.layerGroup([[9, '#ffffff'], [5, '#1f1e1c']].map(([weight, ink]) =>
      L.geoJSON(layer.feature, { pane: 'zxMarks', interactive: false,
        style: { color: ink, weight: weight, fill: false, dashArray: weight < 9 ? '10 6' : null } })));
    halo.addTo(map);
    const at = inside(layer);
    if (!map.getBounds().contains(at)) map.panTo(at, { animate: false });
    layer.openTooltip(at);
  }

  function leaveUnit() {
    if (halo) { halo.remove(); halo = null; }
    if (units) units.eachLayer(function (layer) { layer.closeTooltip(); });
  }

  // The nearest unit that lies that way: within 60 degrees of the arrow.
  function goOn(layer, way) {
    const from = map.latLngToLayerPoint(inside(layer));
    let best = null, least = Infinity;
    units.eachLayer(function (other) {
      if (other === layer) return;
      const to = map.latLngToLayerPoint(inside(other)), by = [to.x - from.x, to.y - from.y];
      const far = Math.hypot(by[0], by[1]), along = by[0] * way[0] + by[1] * way[1];
      if (along > far / 2 && 2 * far - along < least) { least = 2 * far - along; best = other; }
    });
    if (best && best.getElement()) best.getElement().focus({ preventScroll: true });
  }

  // What is pressed is told as a click in it; a second press stands a trifle beside the first.
  function press(layer, around) {
    const at = inside(layer);
    layer.zxPressed = !layer.zxPressed;
    const told = L.latLng(at.lat, at.lng + around + (layer.zxPressed ? 1e-7 : 0));
    map.fire('click', { latlng: told, layerPoint: map.latLngToLayerPoint(told),
      containerPoint: map.latLngToContainerPoint(told) });
  }

  // A place inside a unit: the middle of the widest stretch of a line across its largest part.
  function inside(layer) {
    if (layer.zxInside) return layer.zxInside;
    const shape = layer.feature.geometry;
    const parts = shape.type === 'Polygon' ? [shape.coordinates] : shape.coordinates;
    let best = null;
    for (const rings of parts) {
      const lats = rings[0].map((p) => p[1]), low = Math.min(...lats), high = Math.max(...lats);
      for (const share of [0.5, 0.35, 0.65]) {
        const lat = low + share * (high - low), cuts = [];
        for (const points of rings) {
          for (let n = 1; n < points.length; n += 1) {
            const [a, b] = [points[n - 1], points[n]];
            if ((a[1] > lat) !== (b[1] > lat)) {
              cuts.push(a[0] + (lat - a[1]) / (b[1] - a[1]) * (b[0] - a[0]));
            }
          }
        }
        cuts.sort((a, b) => a - b);
        for (let n = 1; n < cuts.length; n += 2) {
          const wide = cuts[n] - cuts[n - 1];
          if (!best || wide > best.wide) best = { wide: wide, at: [lat, (cuts[n] + cuts[n - 1]) / 2] };
        }
      }
    }
    layer.zxInside = best ? L.latLng(best.at) : layer.getBounds().getCenter();
    return layer.zxInside;
  }

  // What is looked at: the chosen unit among its neighbours, else everything.
  function focus() {
    // The units of an earlier place stand until those of this one have come.
    if (!units || !fetched.units.held) return;
    let bounds = units.getBounds();
    units.eachLayer(function (layer) {
      if (layer.feature.properties.code === view.chosen) bounds = layer.getBounds().pad(0.15);
    });
    fit(bounds);
  }

  // What nobody has moved since it was fitted is fitted anew: frames begin narrow and grow, and a
  // legend grows once its style and type have come.
  function fitAnew(untouched) {
    if (untouched) fitted = undefined;
    if (view) focus();
  }

  function isHome() {
    const at = map.getCenter();
    return Boolean(home) && same(home, [at.lat, at.lng, map.getZoom()]);
  }

  function besideLegend() {
    return legend && legend.open ? legend.offsetWidth + 16 : 8;
  }

  // Show everything once per place; a view that somebody chose is left alone.
  function fit(bounds) {
    // A frame that has no size yet, or next to none, has nothing to fit into: see `start`.
    const size = map.getSize();
    if (!bounds.isValid() || size.x < LEAST_ROOM || size.y < LEAST_ROOM) return;
    if (fitted === undefined || (fitted !== 'link' && fitted !== view.place)) {
      // The opened legend stands on the right: the place is fitted into what it leaves free, if that
      // is room enough (less than none would end in no place at all).
      const beside = besideLegend();
      const aside = size.x - beside < LEAST_ROOM ? 8 : beside;
      fitted = view.place;
      map.fitBounds(bounds, {
        animate: false, paddingTopLeft: [8, 8],
        paddingBottomRight: [aside, legend && !legend.open ? legend.offsetHeight + 16 : 8],
      });
      left = beside;
      const at = map.getCenter();
      home = [at.lat, at.lng, map.getZoom()];
      remember();
    } else if (fitted === 'link') {
      fitted = view.place;
    }
  }

  // ---- units ----------------------------------------------------------------------------------

  function colour() {
    if (!units || !view) return;
    // What came for other boundaries says nothing of these: no colour stands beside its legend.
    const waits = view.values.kinds !== undefined, held = document.activeElement;
    units.eachLayer(function (layer) {
      const code = layer.feature.properties.code, kind = kindOf(layer);
      const chosen = code === view.chosen;
      wear(layer, chosen, waits ? 'none' : kind >= 0 ? view.colours[kind] :
        kind === -2 ? 'url(#zx-dots)' : 'url(#zx-hatch)');
      if (chosen) layer.bringToFront();
    });
    // The chosen unit came to the front: who stood on it still does.
    if (held && held !== document.activeElement && held.classList.contains('leaflet-interactive')) {
      held.focus({ preventScroll: true });
    }
    clearTimeout(naming);
    naming = setTimeout(nameUnits, AFTER_PAINT);
    units.eachLayer((layer) => { if (layer.getElement() === held) nameUnit(layer); });
  }

  // A class from 0 on; -1 no data, -2 not shown.
  function kindOf(layer) {
    const value = view.values[layer.feature.properties.code];
    return value ? value[0] : -1;
  }

  function toldOf(layer) {
    const value = view.values[layer.feature.properties.code];
    if (view.values.kinds !== undefined) return '';
    return !value ? view.words.none :
      value[0] >= 0 ? fill(view.tip, value.slice(1)) : view.reasons[value[1]];
  }

  // A new colour alone is one word of the picture; all of a style would be ten.
  function wear(layer, chosen, ground) {
    const rim = chosen ? view.ink.chosen : view.ink.line, path = layer.getElement();
    if (!path || layer.options.color !== rim || layer.options.fillOpacity !== 1) {
      layer.setStyle({ color: rim, weight: chosen ? 4 : 1, fillColor: ground, fillOpacity: 1 });
    } else if (layer.options.fillColor !== ground) {
      layer.options.fillColor = ground;
      path.setAttribute('fill', ground);
    }
  }

  // The names that are read aloud follow a moment after the picture, which waits for nothing.
  function nameUnits() {
    if (units) units.eachLayer(nameUnit);
  }

  function nameUnit(layer) {
    const path = layer.getElement();
    if (!path) return;
    path.setAttribute('aria-label', unitName(layer.feature) + view.words.colon + toldOf(layer));
    if (layer.feature.properties.code === view.chosen) path.setAttribute('aria-current', 'true');
    else path.removeAttribute('aria-current');
  }

  function unitName(feature) {
    return feature.properties['name_' + view.name] || feature.properties.code;
  }

  // ---- villages and facilities ------------------------------------------------------------------

  function drawMarks() {
    if (!view || !extras) return;
    extras.clearLayers();
    const held = fetched.points && fetched.points.held, wanted = [];
    const many = held ? listVillages(held, wanted) : false;
    if (held) listFacilities(held, wanted);
    place(wanted);
    if (held && !view.units && fitted === undefined) fitPoints(held);
    if (held) { drawSites(held); ringFound(held); }
    if (legend) legend.classList.toggle('zx-many', many);
  }

  // Proposed places wear their number; the words are figures and names as text. Where they lie
  // close together a number stands beside its place, with a line that leads to it.
  function drawSites(held) {
    const taken = [];
    view.sites.forEach(function ([kind, at, told], n) {
      const row = (kind === 'village' ? held.villages : held.facilities)[at];
      if (!row) return;
      const place = L.latLng(row[0], row[1]), from = map.latLngToLayerPoint(place);
      const to = free(from, taken), stand = to === from ? place : map.layerPointToLatLng(to);
      taken.push(to);
      if (to !== from) {
        const look = { pane: 'zxMarks', color: view.ink.chosen, weight: 3, interactive: false };
        L.polyline([place, stand], look).addTo(extras);
        L.circleMarker(place, { ...look, radius: 3 }).addTo(extras);
      }
      const number = line('span', String(n + 1), null, 'zx-number');
      const name = row[kind === 'village' && view.name !== 'zh' ? 3 : 2];
      L.marker(stand, { pane: 'zxMarks', keyboard: false, zIndexOffset: 1000,
        icon: L.divIcon({ html: number, className: 'zx-site', iconSize: [28, 28] }) })
        .bindTooltip(function () { return words(name, '+ ' + told); }, { className: 'zx-tip' })
        .addTo(extras);
    });
  }

  // A place for a number that hides none of those that stand already.
  function free(from, taken) {
    const isFree = (p) => taken.every((other) => p.distanceTo(other) >= DISC);
    if (isFree(from)) return from;
    for (const far of [1.2, 2.4]) {
      for (let turn = 0; turn < 8; turn += 1) {
        const way = turn * Math.PI / 4;
        const to = from.add([far * DISC * Math.cos(way), far * DISC * Math.sin(way)]);
        if (isFree(to)) return to;
      }
    }
    return from;
  }

  // What was searched for wears a ring; the map goes there once.
  function ringFound(held) {
    const asked = view.found, key = asked ? view.points + asked.join() : '';
    const row = asked && (asked[0] === 'village' ? held.villages : held.facilities)[asked[1]];
    if (!row) { ring = key; return; }
    L.circleMarker([row[0], row[1]], { pane: 'zxMarks', radius: 14, color: view.ink.chosen,
      weight: 4, fill: false, interactive: false }).addTo(extras);
    if (ring === key) return;
    ring = key;
    fitted = view.place;
    map.setView([row[0], row[1]], Math.max(map.getZoom(), NEAR), { animate: false });
  }

  function fitPoints(held) {
    fit(L.latLngBounds(held.villages.concat(held.facilities).map((p) => [p[0], p[1]])));
  }

  // How the villages fare: in the paint, or, where they are many, fetched once they can be drawn.
  function fared() {
    if (!view.villages.url) return view.villages;
    fetchOnce('villages', view.villages.url, drawMarks);
    return fetched.villages.held || { flags: '', ways: '' };
  }

  // Says which points lie in the picture or close to it.
  function inView() {
    const seen = map.getBounds().pad(0.1);
    const [west, south, east, north] = seen.toBBoxString().split(',').map(Number);
    return (p) => p[0] >= south && p[0] <= north && p[1] >= west && p[1] <= east;
  }

  // Returns whether there were too many to draw. flags and ways are in the order of the villages.
  function listVillages(held, wanted) {
    if (!view.villages.url && !view.villages.flags) return false;
    const seen = inView(), here = [];
    held.villages.forEach(function (v, n) { if (seen(v)) here.push(n); });
    if (here.length > MOST_VILLAGES) return true;
    const { flags, ways } = fared();
    if (flags.length !== held.villages.length) return false;
    for (const n of here) {
      if (flags[n] === '-') continue;
      const v = held.villages[n], reached = flags[n] === '1', unknown = flags[n] === '?';
      const ink = unknown ? view.ink.unknown : reached ? view.ink.reached : view.ink.outside;
      const way = ways.slice(3 * n, 3 * n + 3), metres = way === '---' ? -1 : 10 * parseInt(way, 36);
      const tip = unknown ? view.tips.unknown : metres < 0 ? view.tips.alone :
        reached ? view.tips.reached : view.tips.outside;
      wanted.push({ kind: 'village', name: [view.points, 'village', n].join(), ink: ink,
        point: [v[0], v[1]], full: reached,
        told: () => [v[view.name === 'zh' ? 2 : 3], fill(tip, [count(v[4]), count(metres)])] });
    }
    return false;
  }

  function listFacilities(held, wanted) {
    const seen = inView();
    held.facilities.forEach(function (f, n) {
      if (!seen(f) || !f[4].split(';').includes(view.service)) return;
      const works = f[3] === 'operating';
      wanted.push({ kind: 'facility', name: [view.points, 'facility', n].join(),
        point: [f[0], f[1]], ink: works ? view.ink.operating : view.ink.idle, full: works,
        told: () => [f[2], view.statuses[f[3]] || f[3]] });
    });
  }

  // Draws the marks that are wanted: each has a kind, the name of what it stands for, its point, ink,
  // whether it is full, and told, which says it in words when somebody points there.
  function place(wanted) {
    const looks = new Map();
    // What is lacking lies above what is there.
    for (const each of wanted.filter((it) => it.full).concat(wanted.filter((it) => !it.full))) {
      const look = [each.kind, each.ink, each.full].join();
      if (!looks.has(look)) looks.set(look, []);
      looks.get(look).push(each);
    }
    const layers = new Map();
    for (const [look, held] of looks) {
      spread(held, sizeOf(held[0])).forEach((layer, n) => layers.set(look + n, layer));
    }
    for (const [look, shape] of marks) if (!layers.has(look)) { shape.remove(); marks.delete(look); }
    for (const [look, held] of layers) {
      if (!marks.has(look)) marks.set(look, shaped(held[0]));
      const shape = marks.get(look);
      shape.options.radius = sizeOf(held[0]);
      shape.hold(held);
      shape.bringToFront();
    }
    const shown = wanted.find((each) => each.name === pointed.zxName);
    if (shown) pointed.setContent(words(...shown.told()));
    else pointed.remove();
  }

  function sizeOf(mark) { return SIZES[mark.kind] * (view.large ? 1.4 : 1); }

  // Marks that would overlap lie in layers above each other, so that each keeps its rim.
  function spread(held, radius) {
    const layers = [], side = 2 * radius;
    for (const each of held) {
      const at = map.latLngToLayerPoint(each.point);
      const cell = Math.floor(at.x / side) + 1e5 * Math.floor(at.y / side);
      let layer = layers.find(({ cells }) => NEIGHBOURS.every((by) => !cells.has(cell + by)));
      if (!layer && layers.length < MOST_LAYERS) layers.push(layer = { cells: new Set(), held: [] });
      layer = layer || layers[MOST_LAYERS - 1];
      layer.cells.add(cell);
      layer.held.push(each);
    }
    return layers.map((layer) => layer.held);
  }

  function shaped({ kind, ink, full }) {
    const shape = new Marks({ kind: kind, pane: kind === 'village' ? 'zxVillages' : 'zxMarks',
      bubblingMouseEvents: true, color: full ? '#ffffff' : ink, weight: full ? 1 : 2.5,
      fill: true, fillColor: full ? ink : '#ffffff', fillOpacity: 1, fillRule: 'nonzero' });
    shape.on('mouseover mousemove click', function (event) {
      const each = shape.nearest(event.layerPoint);
      if (each.name === pointed.zxName && map.hasLayer(pointed)) return;
      pointed.zxName = each.name;
      pointed.setContent(words(...each.told())).setLatLng(each.point).addTo(map);
    });
    shape.on('mouseout remove', () => pointed.remove());
    return shape.addTo(map);
  }

  // ---- words ----------------------------------------------------------------------------------

  function count(number) {
    return number === null || number < 0 ? '—' : Math.round(number).toLocaleString('en-US');
  }

  // '{0} of {1}' with its places filled; the values are figures.
  function fill(sentence, values) {
    return sentence.replace(/\{(\d)\}/g, (_, n) => String(values[n]));
  }

  function line(kind, text, parent, style) {
    const made = document.createElement(kind);
    made.textContent = text;
    if (style) made.className = style;
    if (parent) parent.appendChild(made);
    return made;
  }

  function words(name, told) {
    const box = document.createElement('div');
    line('strong', name, box);
    line('div', told, box);
    return box;
  }

  function say(sentence) {
    if (notice) { notice.remove(); notice = null; }
    if (!sentence) return;
    notice = line('div', sentence, map.getContainer(), 'zx-notice');
    notice.setAttribute('role', 'alert');
  }

  // ---- legend ---------------------------------------------------------------------------------

  function drawLegend() {
    if (!legend) {
      const control = L.control({ position: 'bottomright' });
      control.onAdd = function () {
        legend = document.createElement('details');
        legend.className = 'zx-legend';
        legend.open = !view.beside && (map.getSize().x || window.screen.width) > 620;
        L.DomEvent.disableClickPropagation(legend);
        L.DomEvent.disableScrollPropagation(legend);
        new ResizeObserver(function () {
          if (besideLegend() > left) fitAnew(isHome());
        }).observe(legend);
        return legend;
      };
      control.addTo(map);
    }
    legend.replaceChildren();
    const told = view.legend;
    line('summary', told.title, legend);
    if (told.badge) line('div', told.badge, legend, 'zx-badge');
    for (const [ink, text] of told.classes) key(legend, 'zx-key', ink, view.ink.line, text);
    if (told.square) drawSquare(told.square);
    const signs = line('div', '', legend, 'zx-signs');
    key(signs, 'zx-key zx-none', 'none', view.ink.line, view.words.none);
    if (isHidden()) {
      key(signs, 'zx-key zx-hidden', 'none', view.ink.line, view.words.hidden);
    }
    for (const [shape, ink, full, text] of told.marks) {
      // A dark mark on the dark ground is told by its rim, as on the map.
      key(signs, 'zx-key zx-' + shape, full ? ink : '#ffffff', full && view.dark ? '#ffffff' : ink, text);
    }
    line('div', view.words.many, legend, 'zx-note zx-when-many');
    for (const note of told.notes) line('div', note, legend, 'zx-note');
  }

  // Two measures: the first grows to the right, the second upwards.
  function drawSquare(told) {
    const box = line('div', '', legend, 'zx-square');
    line('div', told.up + ' ↑', box, 'zx-up');
    for (let up = 2; up >= 0; up -= 1) {
      line('div', told.up_ends[up], box, 'zx-end');
      for (let across = 0; across < 3; across += 1) {
        const cell = line('span', '', box);
        // Where most units are alike there are fewer classes, and no field beyond them.
        if (!told.up_ends[up] || !told.across_ends[across]) continue;
        cell.className = 'zx-cell';
        cell.style.background = told.colours[3 * up + across];
      }
    }
    line('div', '', box);
    for (const end of told.across_ends) line('div', end, box, 'zx-end');
    line('div', told.across + ' →', box, 'zx-across');
  }

  // ---- north and full screen --------------------------------------------------------------------

  let north, wide;

  function addTools() {
    const tools = L.control({ position: 'topleft' });
    tools.onAdd = function () {
      const box = line('div', '', null, 'leaflet-bar');
      wide = line('a', '', box, 'zx-full');
      wide.appendChild(corners());
      wide.href = '#';
      wide.setAttribute('role', 'button');
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.on(wide, 'click', function (event) {
        L.DomEvent.preventDefault(event);
        if (document.fullscreenElement) document.exitFullscreen();
        else document.documentElement.requestFullscreen();
      });
      return box;
    };
    tools.addTo(map);
    // On the left, where no legend grows over it.
    const sign = L.control({ position: 'topleft' });
    sign.onAdd = function () {
      north = line('div', '', null, 'zx-north');
      return north;
    };
    sign.addTo(map);
    document.addEventListener('fullscreenchange', function () {
      document.documentElement.classList.toggle('zx-wide', Boolean(document.fullscreenElement));
      dressTools();  // its size is seen by `resize`
    });
  }

  function corners() {
    const svg = drawn('svg', { width: 16, height: 16, viewBox: '0 0 16 16', 'aria-hidden': 'true' });
    svg.appendChild(drawn('path', { d: 'M1 6V1h5M10 1h5v5M15 10v5h-5M6 15H1v-5', fill: 'none',
      stroke: 'currentColor', 'stroke-width': 2 }));
    return svg;
  }

  function drawn(kind, attributes) {
    const made = document.createElementNS('http://www.w3.org/2000/svg', kind);
    for (const name in attributes) made.setAttribute(name, attributes[name]);
    return made;
  }

  function dressTools() {
    if (!view) return;
    const told = document.fullscreenElement ? view.words.narrow : view.words.wide;
    wide.title = told;
    wide.setAttribute('aria-label', told);
    north.replaceChildren();
    line('span', '▲', north).setAttribute('aria-hidden', 'true');
    line('span', view.words.north, north);
  }

  function key(parent, style, ground, edge, text) {
    const row = line('div', '', parent, 'zx-row'), square = line('span', '', row, style);
    if (ground !== 'none') square.style.background = ground;
    square.style.borderColor = edge;
    line('span', text, row);
  }

  // Units without a figure are hatched: told from the lightest class in print as well.
  function hatching() {
    const svg = drawn('svg', { width: 0, height: 0, 'aria-hidden': 'true', class: 'zx-patterns' });
    const pattern = drawn('pattern', { id: 'zx-hatch', width: 7, height: 7,
      patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' });
    pattern.appendChild(drawn('rect', { width: 7, height: 7, class: 'zx-hatch-ground' }));
    pattern.appendChild(drawn('rect', { width: 1.5, height: 7, class: 'zx-hatch-line' }));
    const dots = drawn('pattern', { id: 'zx-dots', width: 8, height: 8,
      patternUnits: 'userSpaceOnUse' });
    dots.appendChild(drawn('rect', { width: 8, height: 8, class: 'zx-hatch-ground' }));
    dots.appendChild(drawn('circle', { cx: 4, cy: 4, r: 1.6, class: 'zx-dot' }));
    const defs = svg.appendChild(drawn('defs', {}));
    defs.appendChild(pattern);
    defs.appendChild(dots);
    return svg;
  }

  // ---- where the reader was -------------------------------------------------------------------

  // Two maps side by side show the same place: who is moved by hand leads.
  function lead() {
    // Where a map stands before it was ever fitted is no place to lead anybody to.
    if (fitted === undefined) return;
    const at = map.getCenter(), now = [at.lat, at.lng, map.getZoom()];
    if (led && same(led, now)) { led = null; return; }
    others.postMessage(now);
  }

  function follow(place) {
    const at = map.getCenter();
    if (same(place, [at.lat, at.lng, map.getZoom()])) return;
    led = place;
    map.setView([place[0], place[1]], place[2], { animate: false });
  }

  function same(one, other) {
    return one.every((part, n) => Math.abs(part - other[n]) < 1e-4);
  }

  // Coming back to the page in the same session finds the map where it was left. What nobody moved
  // is no place to come back to: a frame of another size, as beside a second one, is fitted anew.
  function remember() {
    if (fitted === undefined) return;
    const at = map.getCenter();
    store(JSON.stringify([session.id, isHome() ? null : [at.lat, at.lng, map.getZoom()]]));
  }

  function remembered() {
    try {
      const [id, at] = JSON.parse(sessionStorage.getItem(HELD_VIEW));
      return id === session.id ? at : undefined;
    } catch (_) {
      return undefined;  // nothing held, or the browser keeps nothing
    }
  }

  function store(text) {
    try { sessionStorage.setItem(HELD_VIEW, text); } catch (_) { /* the browser keeps nothing */ }
  }

  window.zhixiaoMap = { start: start, paint: paint };
})();
