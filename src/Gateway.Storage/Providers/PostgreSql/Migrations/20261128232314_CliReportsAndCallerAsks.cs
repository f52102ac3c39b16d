using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Gateway.Storage.Providers.PostgreSql.Migrations
{
    /// <inheritdoc />
    public partial class CliReportsAndCallerAsks : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "ClisJson",
                table: "Workers",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "CallerAsks",
                table: "Requests",
                type: "boolean",
                nullable: false,
                defaultValue: false);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "ClisJson",
                table: "Workers");

            migrationBuilder.DropColumn(
                name: "CallerAsks",
                table: "Requests");
        }
    }
}
