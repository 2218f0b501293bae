using System.Data;
using System.Data.Common;

namespace Phr.Oracle.Jobs;

/// <summary>A statement for one use. Disposing closes it, unless its database keeps it for the next use.</summary>
internal readonly struct JobStatement(DbCommand command, bool isKept) : IAsyncDisposable
{
    public DbCommand Command => command;

    /// <summary>Gives a parameter its value: a text, a number of 64 bits, or no number.</summary>
    public void Set(string name, object value)
    {
        if (!command.Parameters.Contains(name))
        {
            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.DbType = value is string ? DbType.String : DbType.Int64;
            command.Parameters.Add(parameter);
        }

        command.Parameters[name].Value = value;
    }

    public ValueTask DisposeAsync() => isKept ? ValueTask.CompletedTask : command.DisposeAsync();
}
