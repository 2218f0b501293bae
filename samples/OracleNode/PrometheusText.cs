using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Phr.Oracle;

namespace Phr.Samples.OracleNode;

/// <summary>The oracle's meter in Prometheus' text form. Counters and the sums of histograms are kept here; gauges are asked when somebody reads.</summary>
internal sealed class PrometheusText : IDisposable
{
    private readonly ConcurrentDictionary<(string Name, string Labels), double> _values = new();
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
                text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {instrument.Description}\n# TYPE {name} {(isHistogram ? "summary" : instrument.IsObservable ? "gauge" : "counter")}\n");
                foreach (((string own, string labels), double value) in _values.OrderBy(value => value.Key.Labels, StringComparer.Ordinal))
                {
                    if (own == instrument.Name || (isHistogram && (own == instrument.Name + "_sum" || own == instrument.Name + "_count")))
                    {
                        text.Append(CultureInfo.InvariantCulture, $"{name}{own[instrument.Name.Length..]}{labels} {value}\n");
                    }
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
        else if (instrument is Histogram<double>)
        {
            Add(instrument.Name + "_sum", labels, value);
            Add(instrument.Name + "_count", labels, 1);
        }
        else
        {
            Add(instrument.Name, labels, value);
        }
    }

    private void Add(string name, string labels, double value) => _values.AddOrUpdate((name, labels), value, (_, old) => old + value);
}
