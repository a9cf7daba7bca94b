// The search for nodes by name or number in a player's page.

function makeSearch({ nodes, drawn, numbers }, pass, picture, choose) {
  function isMatch(i, sought, at) {
    const { label, name, id } = nodes[i];
    const known = ["data", "grad"].flatMap((what) => pass.range(i, what, at)?.slice(0, 2) ?? []);
    return (id !== undefined && sought === `v${id}`) ||
      [label, name].some((word) => word.toLowerCase().includes(sought)) ||
      known.some((x) => numbers[x]?.some((number) => number.startsWith(sought)));
  }

  function search(at) {
    const sought = $("query").value.trim().toLowerCase();
    const hits = [...Array(drawn).keys()].filter((i) => sought && isMatch(i, sought, at));
    picture.markMatches(new Set(hits));
    put($("matches"), sought ? `${hits.length} found` : "");
    $("hits").hidden = !hits.length;
    $("hits").replaceChildren(...hits.slice(0, 12).map((i) => hit(i, at)));
  }

  function hit(i, at) {
    const onclick = () => {
      $("hits").hidden = true;
      choose(i, true);
    };
    const words = `${nodes[i].label} = ${pass.span(pass.range(i, "data", at), pass.SHOWN)}`;
    return element("li", {}, element("button", { onclick }, words));
  }

  return search;
}
