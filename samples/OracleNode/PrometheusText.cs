using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Phr.Oracle;

namespace Phr.Samples.OracleNode;

/// <summary>The oracle's meter in Prometheus' text form. Counters and histograms are kept here; gauges are asked when somebody reads.</summary>
internal sealed class PrometheusText : IDisposable
{
    private readonly ConcurrentDictionary<(string Name, string Labels), double> _values = new();
    private readonly ConcurrentDictionary<(string Name, string Labels), Buckets> _histograms = new();
    private readonly ConcurrentDictionary<string, Instrument> _instruments = new();
    private readonly MeterListener _listener = new();
    private readonly Lock _lock = new();

    public void Begin()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == OracleTelemetry.MeterName)
            {
                _instruments[instrument.Name] = instrument;
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    public string Write()
    {
        lock (_lock)
        {
            foreach ((string name, string labels) in _values.Keys.Where(key => _instruments.TryGetValue(key.Name, out Instrument? instrument) && instrument.IsObservable))
            {
                _values.TryRemove((name, labels), out _);
            }

            _listener.RecordObservableInstruments();
            var text = new StringBuilder();
            foreach (Instrument instrument in _instruments.Values.OrderBy(instrument => instrument.Name, StringComparer.Ordinal))
            {
                string name = NameOf(instrument);
                bool isHistogram = instrument is Histogram<double>;
                text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {instrument.Description}\n# TYPE {name} {(isHistogram ? "histogram" : instrument.IsObservable ? "gauge" : "counter")}\n");
                foreach (((_, string labels), double value) in _values.Where(value => value.Key.Name == instrument.Name).OrderBy(value => value.Key.Labels, StringComparer.Ordinal))
                {
                    text.Append(CultureInfo.InvariantCulture, $"{name}{labels} {value}\n");
                }

                foreach (((_, string labels), Buckets buckets) in _histograms.Where(value => value.Key.Name == instrument.Name).OrderBy(value => value.Key.Labels, StringComparer.Ordinal))
                {
                    buckets.Write(text, name, labels);
                }
            }

            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    private static string NameOf(Instrument instrument) =>
        instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : string.Empty) + (instrument is Counter<long> ? "_total" : string.Empty);

    // Tags are of small, fixed sets of words: nothing has to be escaped.
    private static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new List<string>(tags.Length);
        foreach ((string name, object? value) in tags)
        {
            labels.Add($"{name.Replace('.', '_')}=\"{value}\"");
        }

        return labels.Count == 0 ? string.Empty : $"{{{string.Join(',', labels)}}}";
    }

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string labels = LabelsOf(tags);
        if (instrument.IsObservable)
        {
            _values[(instrument.Name, labels)] = value;
        }
        else if (instrument is Histogram<double> histogram)
        {
            _histograms.GetOrAdd((instrument.Name, labels), static (_, advice) => new Buckets(advice?.HistogramBucketBoundaries ?? []), histogram.Advice).Add(value);
        }
        else
        {
            _values.AddOrUpdate((instrument.Name, labels), value, (_, old) => old + value);
        }
    }

    /// <summary>How many values were at most so large, for each bound; as Prometheus has it, each bucket counts the smaller ones too.</summary>
    private sealed class Buckets(IReadOnlyList<double> bounds)
    {
        private readonly Lock _lock = new();
        private readonly long[] _counts = new long[bounds.Count + 1];
        private double _sum;

        public void Add(double value)
        {
            int at = 0;
            while (at < bounds.Count && value > bounds[at])
            {
                at++;
            }

            lock (_lock)
            {
                _counts[at]++;
                _sum += value;
            }
        }

        public void Write(StringBuilder text, string name, string labels)
        {
            lock (_lock)
            {
                long below = 0;
                for (int i = 0; i < _counts.Length; i++)
                {
                    below += _counts[i];
                    string bound = i < bounds.Count ? bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
                    string own = labels.Length == 0 ? $"{{le=\"{bound}\"}}" : $"{labels[..^1]},le=\"{bound}\"}}";
                    text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{own} {below}\n");
                }

                text.Append(CultureInfo.InvariantCulture, $"{name}_sum{labels} {_sum}\n{name}_count{labels} {below}\n");
            }
        }
    }
}
