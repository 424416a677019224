using System.Globalization;
using System.Text;

namespace Saga.Cli.Cluster;

/// <summary><c>deploy/nginx/nginx.conf</c> with the addresses of this run, and the main file that includes it.</summary>
public static class NginxConfig
{
    private const string Listen = "listen 8080;";
    private const string Node = "server saga-api-";

    /// <summary>Replaces the address that nginx listens on and the list of nodes; everything else stays as it is deployed.</summary>
    /// <param name="deployed">Text of the deployed file.</param>
    /// <param name="port">Loopback port to listen on.</param>
    /// <param name="nodePorts">Loopback ports of the nodes.</param>
    /// <exception cref="InvalidDataException">The text has no such lines.</exception>
    public static string Render(string deployed, int port, IReadOnlyList<int> nodePorts)
    {
        var text = new StringBuilder();
        bool listens = false;
        bool hasNodes = false;
        foreach (string line in deployed.Split('\n'))
        {
            string trimmed = line.TrimStart();
            string indent = line[..^trimmed.Length];
            if (trimmed == Listen)
            {
                listens = true;
                text.Append(CultureInfo.InvariantCulture, $"{indent}listen 127.0.0.1:{port};\n");
            }
            else if (!trimmed.StartsWith(Node, StringComparison.Ordinal))
            {
                text.Append(line).Append('\n');
            }
            else if (!hasNodes)
            {
                // The first node's settings count for all.
                hasNodes = true;
                string settings = trimmed[trimmed.IndexOf(' ', Node.Length)..];
                foreach (int node in nodePorts)
                {
                    text.Append(CultureInfo.InvariantCulture, $"{indent}server 127.0.0.1:{node}{settings}\n");
                }
            }
        }

        return listens && hasNodes
            ? text.ToString()
            : throw new InvalidDataException($"nginx.conf has no line «{Listen}» or none that begins with «{Node}».");
    }

    /// <summary>The main file: every path of this run's own folder, in the foreground.</summary>
    /// <param name="folder">Folder for what nginx writes.</param>
    /// <param name="included">Path of the rendered file.</param>
    public static string MainFile(string folder, string included)
    {
        // Its workers would else be a user who cannot enter a private temporary folder.
        string user = Environment.IsPrivilegedProcess ? "user root;\n" : "";
        return
            $$"""
            {{user}}daemon off;
            worker_processes 2;
            pid {{folder}}/nginx.pid;
            error_log stderr warn;
            events {
                worker_connections 1024;
            }
            http {
                client_body_temp_path {{folder}}/body;
                proxy_temp_path {{folder}}/proxy;
                fastcgi_temp_path {{folder}}/fastcgi;
                uwsgi_temp_path {{folder}}/uwsgi;
                scgi_temp_path {{folder}}/scgi;
                include {{included}};
            }

            """;
    }
}
