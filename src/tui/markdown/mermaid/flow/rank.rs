//! Which layer every node of a chart is in.

use super::parse::Chart;

/// A layer for every node, and which edges are turned round for it.
pub(super) fn rank(chart: &Chart) -> (Vec<usize>, Vec<bool>) {
    let count = chart.nodes.len();
    let mut reversed = vec![false; chart.edges.len()];
    // 0: not seen; 1: on the way; 2: done.
    let mut state = vec![0u8; count];
    let mut done: Vec<usize> = Vec::with_capacity(count);
    for start in 0..count {
        if state[start] != 0 {
            continue;
        }
        state[start] = 1;
        let mut path = vec![(start, 0)];
        while let Some((node, next)) = path.last_mut() {
            let node = *node;
            let mut edges = chart.edges.iter().enumerate().skip(*next);
            let Some((number, edge)) = edges.find(|(_, edge)| edge.from == node) else {
                state[node] = 2;
                done.push(node);
                path.pop();
                continue;
            };
            *next = number + 1;
            match state[edge.to] {
                0 => {
                    state[edge.to] = 1;
                    path.push((edge.to, 0));
                }
                1 => reversed[number] = true,
                _ => {}
            }
        }
    }
    let mut layers = vec![0; count];
    for node in done.into_iter().rev() {
        for (edge, reversed) in chart.edges.iter().zip(&reversed) {
            if edge.from == node && !reversed {
                layers[edge.to] = layers[edge.to].max(layers[node] + 1);
            }
        }
        for (edge, reversed) in chart.edges.iter().zip(&reversed) {
            if edge.to == node && *reversed && edge.from != node {
                layers[edge.from] = layers[edge.from].max(layers[node] + 1);
            }
        }
    }
    (layers, reversed)
}
