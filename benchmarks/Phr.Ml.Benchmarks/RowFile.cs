using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Phr.Ml.Numerics;

namespace Phr.Ml.Benchmarks;

/// <summary>Rows in two files that the peer reads: raw numbers row after row, and the classes as bytes. Deleted when disposed.</summary>
internal sealed class RowFile : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("phr-ml-rows-").FullName;

    public RowFile(Matrix x, int[] y)
    {
        using (FileStream file = File.Create(Path.Combine(_folder, "x.bin")))
        {
            for (int i = 0; i < x.Rows; i++)
            {
                file.Write(MemoryMarshal.AsBytes(x.Row(i)));
            }
        }

        File.WriteAllBytes(Path.Combine(_folder, "y.bin"), [.. y.Select(c => (byte)c)]);
    }

    public JsonObject Request(string model, int training, int jobs, int trees) => new()
    {
        ["x"] = Path.Combine(_folder, "x.bin"),
        ["y"] = Path.Combine(_folder, "y.bin"),
        ["model"] = model,
        ["training"] = training,
        ["jobs"] = jobs,
        ["trees"] = trees,
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
